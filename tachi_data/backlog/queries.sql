-- The statements of accepted imports. A comment says what one row of the result is.

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

-- name: running_jobs
-- One row is an import that is being worked on.
SELECT import_id, owner, heartbeat FROM import_trackers WHERE status = 'RUNNING'

-- name: requeue_jobs
-- Imports whose worker has died or fallen silent go back into the queue.
UPDATE import_trackers
SET status = 'QUEUED', progress = 'Waiting for a worker', owner = NULL
FROM dead
WHERE dead.import_id = import_trackers.import_id

-- name: settled_jobs
-- One row is a given import that does not need its spooled upload any more.
SELECT ids.import_id
FROM (SELECT unnest($ids::VARCHAR[]) AS import_id) AS ids
LEFT JOIN imports ON imports.import_id = ids.import_id
LEFT JOIN import_trackers AS tracker ON tracker.import_id = ids.import_id
WHERE imports.import_id IS NOT NULL OR tracker.status = 'FAILED'

-- name: unfinished_jobs
-- One row if any accepted import has not ended.
SELECT 1 FROM import_trackers WHERE status IN ('QUEUED', 'RUNNING') LIMIT 1

-- name: next_jobs
-- Imports whose turn it is, and the number of the attempt: accepted first, of players who have none running
-- and none that waits longer.
SELECT import_id, coalesce(attempts, 0) + 1 AS attempt
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
LIMIT $most

-- name: claim_jobs
-- Imports are being worked on, and by whom.
UPDATE import_trackers
SET
    status = 'RUNNING',
    progress = 'Importing',
    owner = $owner,
    heartbeat = make_timestamp_ms($now),
    attempts = claimed.attempt
FROM claimed
WHERE claimed.import_id = import_trackers.import_id

-- name: beat
-- Imports are still being worked on.
UPDATE import_trackers
SET heartbeat = make_timestamp_ms($now)
WHERE list_contains($ids, import_id) AND status = 'RUNNING' AND owner = $owner

-- name: put_back
-- Imports wait for others of the same players to end, or for the store.
UPDATE import_trackers
SET
    status = 'QUEUED',
    progress = later.progress,
    owner = NULL,
    message = NULL,
    status_code = NULL,
    not_before = make_timestamp_ms(later.not_before)
FROM later
WHERE later.import_id = import_trackers.import_id

-- name: fail_jobs
-- Imports have failed.
UPDATE import_trackers
SET status = 'FAILED', status_code = failed.status_code, message = failed.message
FROM failed
WHERE failed.import_id = import_trackers.import_id

-- name: forget_jobs
-- Trackers of imports that are done.
DELETE FROM import_trackers USING done WHERE done.import_id = import_trackers.import_id

-- name: own_jobs
-- One row is an import that this worker took on, and that no other has taken since; it may have failed already.
SELECT tracker.import_id
FROM import_trackers AS tracker
JOIN wanted ON wanted.import_id = tracker.import_id AND wanted.attempt = tracker.attempts
WHERE tracker.owner = $owner AND tracker.status IN ('RUNNING', 'FAILED')

-- name: unknown_jobs
-- One row is a given import that the store does not know.
SELECT ids.import_id
FROM (SELECT unnest($ids::VARCHAR[]) AS import_id) AS ids
ANTI JOIN imports USING (import_id)
ANTI JOIN import_trackers USING (import_id)
