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
