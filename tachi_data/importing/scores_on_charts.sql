-- One row is a stored score of a touched player on a touched chart, stored before an ordinal, if one is given.
SELECT {columns}
FROM query_table($scores) AS stored
SEMI JOIN touched ON touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id
WHERE $before IS NULL OR stored.ordinal < $before
