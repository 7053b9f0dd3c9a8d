-- Scores that their players marked.
UPDATE {scores} AS stored
SET highlight = true
FROM marked
WHERE marked.user_id = stored.user_id AND marked.score_id = stored.score_id
