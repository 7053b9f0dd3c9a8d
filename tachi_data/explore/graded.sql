-- One row is a day of the player in a game and a grade: how many scores of that day have it.
SELECT game, date_trunc('day', time_achieved) AS day, grade, count(*) AS scores
FROM scores
WHERE user_id = $user AND time_achieved IS NOT NULL
GROUP BY ALL
ORDER BY day, game, grade
