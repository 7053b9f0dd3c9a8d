-- The player, if it is a new one.
INSERT INTO users BY NAME
SELECT $user AS user_id, make_timestamp_ms($now) AS time_added
WHERE $user NOT IN (SELECT user_id FROM users)
