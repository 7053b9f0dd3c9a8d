-- One row is the account of a player, with what is given in place of what was.
SELECT
    $user::BIGINT AS user_id,
    coalesce($username, max(username)) AS username,
    coalesce($level, max(level), 'USER') AS level
FROM accounts
WHERE user_id = $user
