-- The import is being worked on, and by whom.
UPDATE import_trackers
SET
    status = 'RUNNING',
    progress = 'Importing',
    owner = $owner,
    heartbeat = make_timestamp_ms($now),
    attempts = coalesce(attempts, 0) + 1
WHERE import_id = $import_id
RETURNING attempts
