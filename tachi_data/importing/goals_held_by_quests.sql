-- One row is an asked-for goal that a quest contains to which the player is subscribed.
SELECT DISTINCT asked.goal_id
FROM asked
JOIN quest_subs AS subs ON subs.user_id = asked.user_id
JOIN (
    SELECT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
    FROM quests
) AS members ON members.quest_id = subs.quest_id AND members.goal_id = asked.goal_id
