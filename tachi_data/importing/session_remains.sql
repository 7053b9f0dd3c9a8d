-- One row is a score that remains in one of the wanted sessions.
SELECT stored.session_id, stored.user_id, stored.playtype, stored.time_achieved, stored.ratings
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.session_id = stored.session_id
