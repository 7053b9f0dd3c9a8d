-- One row is the public document of a player; who has no name is called by number.
SELECT
    users.user_id AS id,
    coalesce(accounts.username, users.user_id::VARCHAR) AS username,
    lower(coalesce(accounts.username, users.user_id::VARCHAR)) AS "usernameLowercase",
    epoch_ms(users.time_added::TIMESTAMP) AS "joinDate",
    CASE coalesce(accounts.level, 'USER') WHEN 'ADMIN' THEN 3 WHEN 'BANNED' THEN 0 ELSE 1 END AS "authLevel"
FROM users
LEFT JOIN accounts ON accounts.user_id = users.user_id
WHERE users.user_id IN (SELECT unnest($ids::BIGINT[]))
ORDER BY users.user_id
