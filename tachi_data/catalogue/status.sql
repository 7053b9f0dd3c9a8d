-- One row is a game that has songs or charts.
WITH songs_of AS (SELECT game, count(*) AS songs FROM songs GROUP BY game),
charts_of AS (SELECT game, count(*) AS charts FROM charts GROUP BY game),
changed AS (
    SELECT unnest(games) AS game, version, loaded_at FROM catalogue_versions
),
latest AS (
    SELECT game, max(version) AS version, max(loaded_at) AS loaded_at FROM changed GROUP BY game
)
SELECT
    coalesce(songs_of.game, charts_of.game) AS game,
    coalesce(songs_of.songs, 0) AS songs,
    coalesce(charts_of.charts, 0) AS charts,
    latest.version,
    latest.loaded_at
FROM songs_of
FULL JOIN charts_of ON charts_of.game = songs_of.game
LEFT JOIN latest ON latest.game = coalesce(songs_of.game, charts_of.game)
ORDER BY 1
