-- The statements of goals, quests and their subscriptions. A comment says what one row of the result is.

-- name: delete_goal_subs
-- Subscriptions to goals are deleted; the caller may insert them again.
DELETE FROM goal_subs
USING asked
WHERE asked.user_id = goal_subs.user_id AND asked.goal_id = goal_subs.goal_id

-- name: delete_quest_subs
-- Subscriptions to quests are deleted; the caller may insert them again.
DELETE FROM quest_subs
USING asked
WHERE asked.user_id = quest_subs.user_id AND asked.quest_id = quest_subs.quest_id

-- name: games_of_goals
-- One row is a wanted goal with its game.
SELECT DISTINCT goals.goal_id AS id, goals.game FROM goals SEMI JOIN wanted ON wanted.id = goals.goal_id

-- name: games_of_quests
-- One row is a wanted quest with its game.
SELECT DISTINCT quests.quest_id AS id, quests.game FROM quests SEMI JOIN wanted ON wanted.id = quests.quest_id

-- name: goal_charts
-- One row is a chart of a listed goal. A folder has the charts that the catalogue found for it.
SELECT goal_id, json_extract_string(charts_data, '$') AS chart_id
FROM listed
WHERE charts_type = 'single'
UNION
SELECT goal_id, unnest(json_extract_string(charts_data, '$[*]')) AS chart_id
FROM listed
WHERE charts_type = 'multi'
UNION
SELECT listed.goal_id, folder_charts.chart_id
FROM listed
JOIN folder_charts ON folder_charts.folder_id = json_extract_string(listed.charts_data, '$')
WHERE listed.charts_type = 'folder' AND folder_charts.game = $game

-- name: goal_pbs
-- One row is a personal best of an asking player on a chart of one of the goals.
SELECT COLUMNS($columns)
FROM query_table($pbs) AS stored
SEMI JOIN asked ON asked.user_id = stored.user_id
SEMI JOIN goal_charts ON goal_charts.chart_id = stored.chart_id

-- name: goals_held_by_quests
-- One row is an asked-for goal that a quest contains to which the player is subscribed.
SELECT DISTINCT asked.goal_id
FROM asked
JOIN quest_subs AS subs ON subs.user_id = asked.user_id
JOIN (
    SELECT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
    FROM quests
) AS members ON members.quest_id = subs.quest_id AND members.goal_id = asked.goal_id

-- name: known_goal_subs
-- One row is an asked-for goal that the player is subscribed to.
SELECT subs.user_id, subs.goal_id, subs.achieved, subs.was_assigned_standalone
FROM goal_subs AS subs
SEMI JOIN asked ON asked.user_id = subs.user_id AND asked.goal_id = subs.goal_id

-- name: known_quest_subs
-- One row is an asked-for quest that the player is subscribed to.
SELECT subs.user_id, subs.quest_id, subs.achieved
FROM quest_subs AS subs
SEMI JOIN asked ON asked.user_id = subs.user_id AND asked.quest_id = subs.quest_id

-- name: listed_goals
-- One row is a wanted goal of the catalogue. The key of a goal on a rating is written ratings.VF7.
SELECT
    goal_id, playtype, charts_type, charts_data, criteria_mode, criteria_value, count_num,
    CASE
        WHEN criteria_source = 'calculated' THEN concat('ratings.', criteria_key)
        ELSE criteria_key
    END AS criteria_key
FROM goals
SEMI JOIN wanted USING (goal_id)
WHERE game = $game

-- name: make_standalone
-- Subscriptions that came with a quest become standalone.
UPDATE goal_subs
SET was_assigned_standalone = true
FROM asked
WHERE asked.user_id = goal_subs.user_id AND asked.goal_id = goal_subs.goal_id

-- name: quest_goals
-- One row is a goal of a wanted quest; a goal that is listed twice has one row.
SELECT DISTINCT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
FROM quests
SEMI JOIN wanted USING (quest_id)
WHERE game = $game

-- name: questline_quests
-- One row is a quest of a questline, in its order.
SELECT questline_id, name, game, unnest(quests) AS quest_id
FROM (FROM questlines ORDER BY game, playtype, name, questline_id)

-- name: subscribed_goals
-- One row is a goal of the game that one of the players is subscribed to.
SELECT DISTINCT goal_id FROM goal_subs SEMI JOIN players USING (user_id) WHERE game = $game

-- name: touched_goal_subs
-- One row is a subscription to a goal with a chart that its player touched.
SELECT subs.*
FROM goal_subs AS subs
SEMI JOIN (
    SELECT DISTINCT touched.user_id, goal_charts.goal_id
    FROM touched
    JOIN goal_charts ON goal_charts.chart_id = touched.chart_id
) AS meant ON meant.user_id = subs.user_id AND meant.goal_id = subs.goal_id
ORDER BY subs.user_id, subs.goal_id

-- name: touched_quest_subs
-- One row is a player's subscription to a quest on one of the touched playtypes.
SELECT subs.*
FROM quest_subs AS subs
SEMI JOIN players ON players.user_id = subs.user_id AND players.playtype = subs.playtype
WHERE subs.game = $game
ORDER BY subs.user_id, subs.quest_id

-- name: playtypes_of_quests
-- One row is a wanted quest with its playtype.
SELECT quest_id, playtype FROM quests SEMI JOIN wanted USING (quest_id)

-- name: equal_goals
-- One row is a goal that stayed from a v2 catalogue, with the equal goal of the files.
SELECT old.game, old.goal_id, min(new.goal_id) AS new_goal_id
FROM goals AS old
JOIN goals AS new
  ON new.game = old.game
 AND new.playtype = old.playtype
 AND new.origin = 'seeds'
 AND new.charts_type = old.charts_type
 AND new.charts_data::JSON = old.charts_data::JSON
 AND new.criteria_key = old.criteria_key
 AND new.criteria_mode = old.criteria_mode
 AND new.criteria_value = old.criteria_value
 AND new.count_num IS NOT DISTINCT FROM old.count_num
 AND coalesce(new.criteria_source, 'score') = coalesce(old.criteria_source, 'score')
WHERE old.origin = 'v2'
GROUP BY old.game, old.goal_id

-- name: subscriptions_of_goals
-- One row is a subscription to one of these goals.
SELECT user_id, goal_id FROM goal_subs SEMI JOIN pairs USING (game, goal_id)

-- name: delete_newer_subscriptions
-- A player who has both goals keeps the older subscription, which moves.
DELETE FROM goal_subs
USING pairs
WHERE goal_subs.game = pairs.game
  AND goal_subs.goal_id = pairs.new_goal_id
  AND EXISTS (
      SELECT 1
      FROM goal_subs AS older
      WHERE older.user_id = goal_subs.user_id
        AND older.game = pairs.game
        AND older.goal_id = pairs.goal_id
  )

-- name: move_subscriptions
-- Subscriptions are to the new goals from now on.
UPDATE goal_subs
SET goal_id = pairs.new_goal_id
FROM pairs
WHERE goal_subs.game = pairs.game AND goal_subs.goal_id = pairs.goal_id

-- name: delete_moved_goals
-- Goals that nobody has any more, since an equal one took their place.
DELETE FROM goals USING pairs WHERE goals.game = pairs.game AND goals.goal_id = pairs.goal_id
