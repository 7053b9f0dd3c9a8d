-- The import whose turn it is: accepted first, of a user who has none running.
SELECT import_id
FROM import_trackers AS queued
WHERE status = 'QUEUED'
  AND NOT EXISTS (
      SELECT 1 FROM import_trackers AS other WHERE other.status = 'RUNNING' AND other.user_id = queued.user_id
  )
ORDER BY time_started, import_id
LIMIT 1
