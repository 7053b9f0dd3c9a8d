-- One row is a level and a lamp, with the number of charts on which it is the player's best.
SELECT floor(charts.level_num)::INTEGER AS level, pbs.lamp, count(*) AS charts
FROM query_table($pbs) AS pbs
JOIN charts ON charts.game = $game AND charts.chart_id = pbs.chart_id
WHERE pbs.user_id = $user
GROUP BY ALL
ORDER BY level, lamp
