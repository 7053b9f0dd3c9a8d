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
