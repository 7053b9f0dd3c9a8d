-- Subscriptions to goals that came with the asked-for quests end, unless another subscribed quest has the goal.
WITH members AS (
    SELECT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
    FROM quests
),
ended AS (
    SELECT asked.user_id, members.goal_id
    FROM asked
    JOIN members USING (quest_id)
    EXCEPT
    SELECT subs.user_id, members.goal_id
    FROM quest_subs AS subs
    ANTI JOIN asked ON asked.user_id = subs.user_id AND asked.quest_id = subs.quest_id
    JOIN members ON members.quest_id = subs.quest_id
)
DELETE FROM goal_subs
USING ended
WHERE ended.user_id = goal_subs.user_id
  AND ended.goal_id = goal_subs.goal_id
  AND NOT goal_subs.was_assigned_standalone
