-- Each session reaches as far as the scores that remain do, and is rated anew.
UPDATE sessions
SET time_started = changed.time_started, time_ended = changed.time_ended, ratings = changed.ratings
FROM changed
WHERE sessions.session_id = changed.session_id AND sessions.user_id = changed.user_id
