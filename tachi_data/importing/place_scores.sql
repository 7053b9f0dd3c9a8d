-- Each placed score is in the session, and at the place in it, that it is said to have.
UPDATE {scores} AS stored
SET session_id = placed.session_id, session_position = placed.session_position
FROM placed
WHERE stored.user_id = placed.user_id AND stored.score_id = placed.score_id
