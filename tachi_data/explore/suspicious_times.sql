-- One row is a game and a reason to doubt times, with the number of scores.
SELECT
    game,
    CASE
        WHEN time_achieved IS NULL THEN 'not known'
        WHEN time_achieved < TIMESTAMP '1997-01-01' THEN 'before there was such a game'
        WHEN time_achieved > time_added THEN 'after it was imported'
        ELSE 'at midnight exactly'
    END AS reason,
    count(*) AS scores
FROM scores
WHERE
    time_achieved IS NULL
    OR time_achieved < TIMESTAMP '1997-01-01'
    OR time_achieved > time_added
    OR time_achieved = date_trunc('day', time_achieved)
GROUP BY ALL
ORDER BY game, reason
