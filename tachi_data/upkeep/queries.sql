-- The statements of taking away, correcting and verifying. A comment says what one row of the result is.

-- name: annotate_score
-- One row is the player and chart of the score, which has a new comment or highlight.
UPDATE {scores}
SET
    comment = CASE WHEN $is_said THEN $comment ELSE comment END,
    highlight = coalesce($highlight, highlight)
WHERE score_id = $score_id
RETURNING user_id, chart_id

-- name: delete_scores
-- The doomed scores go.
DELETE FROM {scores} AS stored
USING doomed
WHERE doomed.user_id = stored.user_id AND doomed.score_id = stored.score_id

-- name: drop_empty_imports
-- An import goes with the last of its scores.
DELETE FROM imports
USING doomed
WHERE
    doomed.import_id = imports.import_id
    AND NOT EXISTS (
        FROM scores WHERE scores.user_id = imports.user_id AND scores.import_id = imports.import_id
    )

-- name: players_with_data
-- One row is a player of whom anything is stored, with the number of scores.
SELECT user_id, count(score_id) AS scores
FROM (
    SELECT user_id, score_id FROM scores
    UNION ALL
    SELECT user_id, NULL FROM pbs
    UNION ALL
    SELECT user_id, NULL FROM sessions
    UNION ALL
    SELECT user_id, NULL FROM game_stats
)
WHERE $users IS NULL OR user_id IN (SELECT unnest($users::BIGINT[]))
GROUP BY user_id
ORDER BY user_id

-- name: rows_of_players
-- One row is a row of the table that belongs to one of the players.
SELECT stored.* FROM query_table($rows) AS stored SEMI JOIN players USING (user_id)

-- name: rows_of_players_in_game
-- One row is a row of the table that belongs to one of the players and to the game.
SELECT stored.* FROM query_table($rows) AS stored SEMI JOIN players USING (user_id) WHERE game = $game

-- name: taken_sessions
-- One row is a wanted session ID that there is, whoever has it.
SELECT DISTINCT session_id FROM sessions SEMI JOIN wanted USING (session_id)

-- name: wanted_scores
-- One row is a wanted score that is stored.
SELECT stored.*
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.score_id = stored.score_id
