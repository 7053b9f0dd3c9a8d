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

-- name: owner_of_import
-- The player of an import.
SELECT user_id FROM imports WHERE import_id = $import_id

-- name: scores_of_import
-- One row is a score that only this import brought, at once or by way of an orphan. Of an orphan that
-- another import met as well, the score stays.
SELECT user_id, score_id FROM scores WHERE user_id = $user AND import_id = $import_id
UNION
SELECT archived.user_id, archived.score_id
FROM orphan_archive AS archived
WHERE archived.user_id = $user
  AND archived.import_id = $import_id
  AND archived.score_id IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM problems AS other
      WHERE other.user_id = $user
        AND other.orphan_id = archived.orphan_id
        AND other.import_id <> $import_id
  )

-- name: delete_orphans_of_import
-- Orphans that an import met first.
DELETE FROM orphans WHERE user_id = $user AND import_id = $import_id

-- name: delete_problems_of_import
-- Datapoints of an import that did not become scores.
DELETE FROM problems WHERE user_id = $user AND import_id = $import_id

-- name: delete_sessions_of_import
-- What an import did to sessions.
DELETE FROM import_sessions WHERE import_id = $import_id

-- name: delete_import
-- An import with its document.
DELETE FROM imports WHERE user_id = $user AND import_id = $import_id

-- name: not_blacklisted
-- Scores that are not blacklisted yet.
FROM wanted ANTI JOIN score_blacklist USING (user_id, score_id)
