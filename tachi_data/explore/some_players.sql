-- One row is a player; spread evenly over all of them, the same ones each time.
SELECT user_id FROM users ORDER BY hash(user_id), user_id LIMIT $count
