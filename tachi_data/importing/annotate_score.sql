-- One row is the player and chart of the score, which has a new comment or highlight.
UPDATE {scores}
SET
    comment = CASE WHEN $is_said THEN $comment ELSE comment END,
    highlight = coalesce($highlight, highlight)
WHERE score_id = $score_id
RETURNING user_id, chart_id
