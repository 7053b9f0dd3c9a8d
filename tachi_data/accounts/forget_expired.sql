-- Sessions and codes whose time is over.
DELETE FROM web_sessions WHERE epoch_ms(time_expires::TIMESTAMP) <= $now
