-- One row is a session with the IDs of its scores, in order.
SELECT session_id, list(score_id ORDER BY session_position) AS score_ids
FROM query_table($table)
WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY session_id
