-- One row is a goal of a wanted quest; one that is listed twice counts once.
SELECT DISTINCT quest_id, unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) AS goal_id
FROM quests
SEMI JOIN wanted USING (quest_id)
WHERE game = $game
