-- One row is one of the newest imports, of one player or of all.
SELECT import_id, user_id
FROM imports
WHERE ($kind IS NULL OR import_type = $kind)
  AND ($intent IS NULL OR user_intent = $intent)
  AND ($user IS NULL OR user_id = $user)
ORDER BY time_finished DESC
LIMIT 500
