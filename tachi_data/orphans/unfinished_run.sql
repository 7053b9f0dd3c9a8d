-- The global run that died or was paused, if there is one.
SELECT * REPLACE (epoch_ms(lease_until::TIMESTAMP) AS lease_until)
FROM orphan_runs
WHERE is_global AND status IN ('RUNNING', 'PAUSED')
ORDER BY time_started DESC
LIMIT 1
