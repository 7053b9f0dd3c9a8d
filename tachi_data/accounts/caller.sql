-- One row is the token, or session, with this hash, if it is valid, with what its owner may do.
WITH valid AS (
    SELECT token_hash AS secret_hash, user_id, permissions, time_expires FROM api_tokens WHERE NOT $session
    UNION ALL
    SELECT secret_hash, user_id, [] AS permissions, time_expires FROM web_sessions WHERE $session AND NOT is_code
)
SELECT valid.secret_hash, valid.user_id, valid.permissions, accounts.level
FROM valid
LEFT JOIN accounts ON accounts.user_id = valid.user_id
WHERE valid.secret_hash = $hash
  AND (valid.time_expires IS NULL OR epoch_ms(valid.time_expires::TIMESTAMP) > $now)
