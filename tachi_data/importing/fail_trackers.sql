-- Imports that somebody keeps track of already have failed.
UPDATE import_trackers
SET status = 'FAILED', message = failed.message, status_code = failed.status_code
FROM failed
WHERE failed.import_id = import_trackers.import_id
