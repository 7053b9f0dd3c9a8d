-- One row is one of the newest imports that failed, of one player or of all.
SELECT
    import_id AS "importID",
    import_type AS "importType",
    user_id AS "userID",
    user_intent AS "userIntent",
    epoch_ms(time_started::TIMESTAMP) AS "timeStarted",
    status_code,
    message
FROM import_trackers
WHERE status = 'FAILED'
  AND ($kind IS NULL OR import_type = $kind)
  AND ($intent IS NULL OR user_intent = $intent)
  AND ($user IS NULL OR user_id = $user)
ORDER BY time_started DESC
LIMIT 500
