-- One row is a version of a game: the charts that it has, and how many of them anybody has a score on.
WITH played AS (
    SELECT DISTINCT game, chart_id FROM pbs
),
versions AS (
    SELECT game, chart_id, unnest(versions) AS version FROM charts
)
SELECT
    versions.game,
    versions.version,
    count(*) AS charts,
    count(played.chart_id) AS played
FROM versions
LEFT JOIN played USING (game, chart_id)
GROUP BY ALL
ORDER BY versions.game, versions.version
