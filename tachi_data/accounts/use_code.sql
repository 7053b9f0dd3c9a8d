-- One row is the owner of a code, which is gone.
DELETE FROM web_sessions
WHERE secret_hash = $hash AND is_code AND epoch_ms(time_expires::TIMESTAMP) > $now
RETURNING user_id
