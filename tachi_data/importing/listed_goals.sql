-- One row is a wanted goal of the catalogue.
SELECT goal_id, playtype, charts_type, charts_data, criteria_key, criteria_mode, criteria_value, count_num
FROM goals
SEMI JOIN wanted USING (goal_id)
WHERE game = $game
