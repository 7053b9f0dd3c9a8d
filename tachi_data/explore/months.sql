-- One row is a month: how many scores the player made in it, and how many charts were played until its end.
WITH firsts AS (
    SELECT chart_id, date_trunc('month', min(time_achieved)) AS month
    FROM query_table($scores)
    WHERE user_id = $user AND time_achieved IS NOT NULL
    GROUP BY chart_id
),
months AS (
    SELECT date_trunc('month', time_achieved) AS month, count(*) AS scores
    FROM query_table($scores)
    WHERE user_id = $user AND time_achieved IS NOT NULL
    GROUP BY ALL
)
SELECT months.month, months.scores, (SELECT count(*) FROM firsts WHERE firsts.month <= months.month) AS charts
FROM months
ORDER BY months.month
