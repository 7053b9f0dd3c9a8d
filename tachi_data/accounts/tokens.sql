-- One row is a token, without its secret.
SELECT token_hash[:12] AS token_id, user_id, identifier, permissions, time_created, time_expires
FROM api_tokens
WHERE $user IS NULL OR user_id = $user
ORDER BY time_created
