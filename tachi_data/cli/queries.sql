-- The statements of the command line. A comment says what one row of the result is.

-- name: some_players
-- One row is a player, the first ones by number.
SELECT user_id FROM users ORDER BY user_id LIMIT 6

-- name: games_without_charts
-- One row is one of these games without any chart in the catalogue.
SELECT unnest($games::VARCHAR[]) AS game EXCEPT SELECT game FROM charts ORDER BY game

-- name: imports_called
-- One row is an import whose ID begins so.
SELECT import_id AS id FROM imports WHERE starts_with(import_id, $prefix) LIMIT 6

-- name: orphans_called
-- One row is an orphan, also an archived one, whose ID begins so.
SELECT DISTINCT orphan_id AS id
FROM (SELECT orphan_id FROM orphans UNION ALL SELECT orphan_id FROM orphan_archive)
WHERE starts_with(orphan_id, $prefix)
LIMIT 6

-- name: scores_called
-- One row is a score whose ID begins so.
SELECT DISTINCT score_id AS id FROM score_keys WHERE starts_with(score_id, $prefix) LIMIT 6

-- name: goals_of_player
-- One row is a subscription of the player to a goal.
SELECT subs.goal_id, goals.name, subs.progress_human AS progress,
       subs.out_of_human AS out_of, subs.achieved, subs.time_achieved
FROM goal_subs AS subs
LEFT JOIN goals ON goals.goal_id = subs.goal_id AND goals.game = subs.game
WHERE subs.user_id = $user
ORDER BY subs.achieved, goals.name, subs.goal_id

-- name: quests_of_player
-- One row is a subscription of the player to a quest.
SELECT subs.quest_id, quests.name, subs.progress, subs.achieved, subs.time_achieved
FROM quest_subs AS subs
LEFT JOIN quests ON quests.quest_id = subs.quest_id AND quests.game = subs.game
WHERE subs.user_id = $user
ORDER BY subs.achieved, quests.name, subs.quest_id

-- name: newest_imports
-- One row is an import, the newest first, with how many scores and failed datapoints it has.
WITH newest AS (
    SELECT import_id, time_started, import_type, user_id
    FROM imports
    WHERE $user IS NULL OR user_id = $user
    ORDER BY time_started DESC
    LIMIT $limit
)
SELECT newest.*,
       (SELECT count(*) FROM score_keys AS scores WHERE scores.import_id = newest.import_id) AS scores,
       (SELECT count(*) FROM problems WHERE problems.import_id = newest.import_id) AS errors
FROM newest
ORDER BY time_started DESC

-- name: failed_datapoints
-- One row is a datapoint of the import that did not become a score.
SELECT position AS row, line, outcome, message, data
FROM problems
WHERE import_id = $import_id
ORDER BY position

-- name: newest_orphans
-- One row is a waiting orphan, the newest first.
SELECT orphan_id, user_id, game, import_type,
       coalesce(song_exact, song_key, chart_key) AS looked_for, difficulty, message
FROM orphans
WHERE $user IS NULL OR user_id = $user
ORDER BY ordinal DESC
LIMIT $limit
