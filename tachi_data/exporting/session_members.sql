-- One row is a score that belongs to a session.
SELECT session_id, session_position, score_id
FROM scores
WHERE session_id IS NOT NULL AND ($user IS NULL OR user_id = $user)
