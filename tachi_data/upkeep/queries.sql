-- The statements of deleting, correcting and verifying. A comment says what one row of the result is.

-- name: annotate_score
-- The score gets a new comment or highlight. One row is its player and chart.
UPDATE {scores}
SET
    comment = CASE WHEN $is_said THEN $comment ELSE comment END,
    highlight = coalesce($highlight, highlight)
WHERE score_id = $score_id
RETURNING user_id, chart_id

-- name: delete_scores
-- The doomed scores are deleted.
DELETE FROM {scores} AS stored
USING doomed
WHERE doomed.user_id = stored.user_id AND doomed.score_id = stored.score_id

-- name: drop_empty_imports
-- Imports of the doomed scores that have no score left are deleted.
DELETE FROM imports
USING doomed
WHERE
    doomed.import_id = imports.import_id
    AND NOT EXISTS (
        FROM score_keys AS scores WHERE scores.user_id = imports.user_id AND scores.import_id = imports.import_id
    )

-- name: games_with_data
-- One row is a game of which one of the players has any stored row.
SELECT DISTINCT game
FROM (
    SELECT user_id, game FROM score_keys
    UNION ALL
    SELECT user_id, game FROM pb_keys
    UNION ALL
    SELECT user_id, game FROM sessions
    UNION ALL
    SELECT user_id, game FROM game_stats
    UNION ALL
    SELECT user_id, game FROM goal_subs
    UNION ALL
    SELECT user_id, game FROM quest_subs
)
SEMI JOIN players USING (user_id)

-- name: older_than_catalogue
-- One row is a difference of a goal on a folder, or of a quest, whose player has imported nothing of the game since the
-- catalogue of the game changed: so nobody has looked at the folder of today for it.
SELECT asked."index"
FROM asked
JOIN (
    SELECT game, max(loaded_at) AS loaded_at
    FROM (SELECT unnest(games) AS game, loaded_at FROM catalogue_versions)
    GROUP BY game
) AS changed ON changed.game = asked.game
LEFT JOIN (
    SELECT user_id, game, max(time_finished) AS time_finished FROM imports GROUP BY user_id, game
) AS newest ON newest.user_id = asked.user_id AND newest.game = asked.game
LEFT JOIN goals ON asked.kind = 'goal' AND goals.game = asked.game AND goals.goal_id = asked.key
WHERE (newest.time_finished IS NULL OR newest.time_finished < changed.loaded_at)
  AND (asked.kind = 'quest' OR goals.charts_type = 'folder')

-- name: players_with_data
-- One row is a player with any stored row, and the number of scores.
SELECT user_id, count(score_id) AS scores
FROM (
    SELECT user_id, score_id FROM score_keys
    UNION ALL
    SELECT user_id, NULL FROM pb_keys
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
-- One row is a wanted session ID that is stored, for any player.
SELECT DISTINCT session_id FROM sessions SEMI JOIN wanted USING (session_id)

-- name: wanted_scores
-- One row is a wanted score that is stored.
SELECT stored.*
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.score_id = stored.score_id

-- name: owner_of_import
-- One row is the player of the import.
SELECT user_id FROM imports WHERE import_id = $import_id

-- name: scores_of_import
-- One row is a score that only this import brought, at once or through an orphan. A score from an orphan
-- that another import met as well is left out.
SELECT user_id, score_id FROM score_keys WHERE user_id = $user AND import_id = $import_id
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
-- Orphans that the import met first are deleted.
DELETE FROM orphans WHERE user_id = $user AND import_id = $import_id

-- name: delete_problems_of_import
-- Datapoints of the import that did not become scores are deleted.
DELETE FROM problems WHERE user_id = $user AND import_id = $import_id

-- name: delete_sessions_of_import
-- Links between the import and its sessions are deleted.
DELETE FROM import_sessions WHERE import_id = $import_id

-- name: delete_import
-- The import is deleted, with its document.
DELETE FROM imports WHERE user_id = $user AND import_id = $import_id

-- name: not_blacklisted
-- One row is a wanted score that is not blacklisted yet.
FROM wanted ANTI JOIN score_blacklist USING (user_id, score_id)

-- name: reached_player
-- One row is a stale game, and the last player who has its rules of today; null if nobody has.
SELECT wanted.game, stored.derived_user_id
FROM wanted
LEFT JOIN game_rules AS stored
  ON stored.game = wanted.game
 AND stored.derived_generation = wanted.generation
 AND stored.derived_version = wanted.rules_version

-- name: players_of_games
-- One row is a player after the last one who is done, with a score or a profile in one of the games.
SELECT user_id, count(score_id) AS scores
FROM (
    SELECT user_id, game, score_id FROM score_keys
    UNION ALL
    SELECT user_id, game, NULL FROM game_stats
)
WHERE list_contains($games, game) AND ($done IS NULL OR user_id > $done)
GROUP BY user_id
ORDER BY user_id

-- name: derived_rules
-- One row is the note of a stale game: whole, or up to the last player who has the rules of today.
SELECT
    wanted.game,
    CASE WHEN $last IS NULL THEN wanted.generation ELSE coalesce(stored.generation, 2) END AS generation,
    CASE WHEN $last IS NULL THEN wanted.rules_version ELSE coalesce(stored.rules_version, 1) END AS rules_version,
    CASE WHEN $last IS NOT NULL THEN wanted.generation END AS derived_generation,
    CASE WHEN $last IS NOT NULL THEN wanted.rules_version END AS derived_version,
    $last::BIGINT AS derived_user_id
FROM wanted
LEFT JOIN game_rules AS stored USING (game)

-- name: delete_rules
-- The notes of these games are deleted; the caller writes others.
DELETE FROM game_rules AS stored USING noted WHERE noted.game = stored.game
