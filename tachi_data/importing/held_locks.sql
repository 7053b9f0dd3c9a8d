-- One row is a wanted user whose import lock is held, and by whom.
SELECT held.user_id, held.holder
FROM import_locks AS held
SEMI JOIN wanted ON wanted.user_id = held.user_id
WHERE epoch_ms(held.lease_until::TIMESTAMP) > $now
