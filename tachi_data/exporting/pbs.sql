-- One row is a personal best, of anybody, on a chart where the user has one: a ranking needs them all.
FROM query_table($table)
WHERE $user IS NULL OR chart_id IN (SELECT chart_id FROM query_table($table) WHERE user_id = $user)
