-- One row is a session with one of these IDs.
FROM sessions WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))
