-- Each changed session reaches as far as its new scores do, and is rated anew.
UPDATE sessions
SET time_started = least(sessions.time_started, changed.time_started),
    time_ended = greatest(sessions.time_ended, changed.time_ended),
    ratings = changed.ratings
FROM changed
WHERE sessions.session_id = changed.session_id AND sessions.user_id = changed.user_id
