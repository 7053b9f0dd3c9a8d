-- One row is a game of the catalogue: its charts, how many of them anybody has a score on, and its orphans.
SELECT
    charts.game,
    count(*) AS charts,
    count(played.chart_id) AS played,
    count(played.chart_id) / count(*) AS share,
    (SELECT count(*) FROM orphans WHERE orphans.game = charts.game) AS orphans
FROM charts
LEFT JOIN (SELECT DISTINCT game, chart_id FROM pbs) AS played USING (game, chart_id)
GROUP BY charts.game
ORDER BY charts.game
