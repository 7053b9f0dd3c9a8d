-- Goals that came with the asked-for quests go, unless another subscribed quest has them.
WITH members AS (
    SELECT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
    FROM quests
),
gone AS (
    SELECT asked.user_id, members.goal_id FROM asked JOIN members USING (quest_id)
),
kept AS (
    SELECT subs.user_id, members.goal_id
    FROM quest_subs AS subs
    ANTI JOIN asked ON asked.user_id = subs.user_id AND asked.quest_id = subs.quest_id
    JOIN members ON members.quest_id = subs.quest_id
)
DELETE FROM goal_subs
WHERE NOT was_assigned_standalone
  AND (user_id, goal_id) IN (SELECT (user_id, goal_id) FROM gone)
  AND (user_id, goal_id) NOT IN (SELECT (user_id, goal_id) FROM kept)
