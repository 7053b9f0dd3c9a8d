-- The doomed sessions go.
DELETE FROM sessions
USING doomed
WHERE doomed.session_id = sessions.session_id AND doomed.user_id = sessions.user_id
