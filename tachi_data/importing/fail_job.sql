-- The import has failed.
UPDATE import_trackers
SET status = 'FAILED', message = $message, status_code = $status_code
WHERE import_id = $import_id
