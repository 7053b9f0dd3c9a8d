-- One row is the owner of a token (given itself or its ID), which is gone.
DELETE FROM api_tokens
WHERE (token_hash = $hash OR (len($token) = 12 AND token_hash[:12] = $token))
  AND ($user IS NULL OR user_id = $user)
RETURNING user_id
