-- One row is a stored score of a touched player on a touched chart.
SELECT {columns}
FROM query_table($scores) AS stored
SEMI JOIN touched ON touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id
