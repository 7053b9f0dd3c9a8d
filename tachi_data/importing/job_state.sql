-- One row is an import that waits, is running or has failed.
SELECT lower(status) AS status, progress, status_code, message, user_id
FROM import_trackers
WHERE import_id = $import_id
