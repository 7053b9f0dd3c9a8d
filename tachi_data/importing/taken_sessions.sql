-- One row is a wanted session ID that there is, whoever has it.
SELECT DISTINCT session_id FROM sessions SEMI JOIN wanted USING (session_id)
