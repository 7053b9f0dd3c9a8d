-- One row is a wanted user whose import lock is free, expired, or held by the asker.
SELECT DISTINCT wanted.user_id
FROM wanted
ANTI JOIN (
    SELECT user_id FROM import_locks WHERE holder <> $holder AND epoch_ms(lease_until::TIMESTAMP) > $now
) AS held ON held.user_id = wanted.user_id
