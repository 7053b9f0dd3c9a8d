-- The global run that died or was paused, if there is one.
SELECT run_id, status, epoch_ms(lease_until::TIMESTAMP), upper, cursor, selected, success, removed, since_version
FROM orphan_runs
WHERE is_global AND status IN ('RUNNING', 'PAUSED')
ORDER BY time_started DESC
LIMIT 1
