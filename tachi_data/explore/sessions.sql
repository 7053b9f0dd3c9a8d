-- One row is a session of the player.
SELECT
    sessions.game,
    sessions.time_started,
    date_diff('minute', sessions.time_started, sessions.time_ended) AS minutes,
    count(*) AS scores
FROM sessions
JOIN scores USING (user_id, session_id)
WHERE sessions.user_id = $user
GROUP BY ALL
ORDER BY sessions.time_started
