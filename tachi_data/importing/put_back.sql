-- The import waits for another one of the same player to end.
UPDATE import_trackers
SET
    status = 'QUEUED',
    progress = 'Waiting for another import of the player',
    owner = NULL,
    message = NULL,
    status_code = NULL,
    not_before = make_timestamp_ms($not_before)
WHERE import_id = $import_id
