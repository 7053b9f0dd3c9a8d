-- One row is a wanted import with its document and the long lists of the document.
WITH
scores_of AS (
    SELECT import_id, list(score_id ORDER BY ordinal) AS score_ids
    FROM score_keys SEMI JOIN wanted USING (user_id, import_id)
    GROUP BY import_id
),
errors_of AS (
    SELECT import_id, list({'type': outcome, 'message': message, 'orphanID': orphan_id} ORDER BY position) AS errors
    FROM problems SEMI JOIN wanted USING (import_id)
    GROUP BY import_id
),
sessions_of AS (
    SELECT
        import_id,
        list(
            {'sessionID': session_id, 'type': CASE WHEN is_new THEN 'Created' ELSE 'Appended' END}
            ORDER BY position
        ) AS sessions
    FROM import_sessions SEMI JOIN wanted USING (import_id)
    GROUP BY import_id
)
SELECT document, score_ids, errors, sessions
FROM wanted
JOIN imports USING (import_id)
LEFT JOIN scores_of USING (import_id)
LEFT JOIN errors_of USING (import_id)
LEFT JOIN sessions_of USING (import_id)
ORDER BY place
