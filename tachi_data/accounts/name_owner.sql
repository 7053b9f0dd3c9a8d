-- One row is the player with this name.
SELECT user_id FROM accounts WHERE lower(username) = lower($name)
