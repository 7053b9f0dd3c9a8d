-- The statements of accepted imports. A comment says what one row of the result is.

-- name: beat
-- The import is still being worked on.
UPDATE import_trackers SET heartbeat = make_timestamp_ms($now) WHERE import_id = $import_id AND status = 'RUNNING'

-- name: claim_job
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

-- name: fail_job
-- The import has failed.
UPDATE import_trackers
SET status = 'FAILED', message = $message, status_code = $status_code
WHERE import_id = $import_id

-- name: forget_finished
-- A tracker of an import that has its document is left over from a worker that died at the end.
DELETE FROM import_trackers
USING imports
WHERE imports.import_id = import_trackers.import_id

-- name: job_state
-- One row is an import that waits, is running or has failed.
SELECT lower(status) AS status, progress, status_code, message, user_id
FROM import_trackers
WHERE import_id = $import_id

-- name: next_job
-- The import whose turn it is: accepted first, of a user who has none running and none that waits longer.
SELECT import_id
FROM import_trackers AS queued
WHERE status = 'QUEUED'
  AND (not_before IS NULL OR epoch_ms(not_before::TIMESTAMP) <= $now)
  AND NOT EXISTS (
      SELECT 1
      FROM import_trackers AS other
      WHERE other.user_id = queued.user_id
        AND (
            other.status = 'RUNNING'
            OR (
                other.status = 'QUEUED'
                AND (other.time_started, other.import_id) < (queued.time_started, queued.import_id)
            )
        )
  )
ORDER BY time_started, import_id
LIMIT 1

-- name: put_back
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

-- name: requeue_dead
-- Imports whose worker has not been heard of go back into the queue.
UPDATE import_trackers
SET status = 'QUEUED', progress = 'Waiting for a worker', owner = NULL
WHERE status = 'RUNNING' AND epoch_ms(heartbeat::TIMESTAMP) < $limit

-- name: settled_jobs
-- One row is an import, of those given, that needs nothing of its spooled upload any more.
SELECT ids.import_id
FROM (SELECT unnest($ids::VARCHAR[]) AS import_id) AS ids
LEFT JOIN imports ON imports.import_id = ids.import_id
LEFT JOIN import_trackers AS tracker ON tracker.import_id = ids.import_id
WHERE imports.import_id IS NOT NULL OR tracker.status = 'FAILED'

-- name: unfinished_jobs
-- One row if any accepted import has not ended.
SELECT 1 FROM import_trackers WHERE status IN ('QUEUED', 'RUNNING') LIMIT 1

-- name: forget_job
-- A tracker goes, as its import is done.
DELETE FROM import_trackers WHERE import_id = $import_id
