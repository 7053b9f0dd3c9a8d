-- Imports whose worker has not been heard of go back into the queue.
UPDATE import_trackers
SET status = 'QUEUED', progress = 'Waiting for a worker', owner = NULL
WHERE status = 'RUNNING' AND epoch_ms(heartbeat::TIMESTAMP) < $limit
