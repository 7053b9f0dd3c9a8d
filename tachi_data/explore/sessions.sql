-- One row is a session of the player; its day is what another chart may be filtered by.
SELECT
    sessions.game,
    sessions.name,
    sessions.time_started,
    date_trunc('day', sessions.time_started) AS day,
    date_diff('minute', sessions.time_started, sessions.time_ended) AS minutes,
    count(*) AS scores
FROM sessions
JOIN (SELECT session_id FROM scores WHERE user_id = $user) AS mine USING (session_id)
WHERE sessions.user_id = $user
GROUP BY ALL
ORDER BY sessions.time_started
