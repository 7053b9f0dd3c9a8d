-- One row is a personal best of an asking player on a chart of one of the goals.
SELECT {columns}
FROM query_table($pbs) AS stored
SEMI JOIN asked ON asked.user_id = stored.user_id
SEMI JOIN goal_charts ON goal_charts.chart_id = stored.chart_id
