-- One row is a title or key that did not match, with the numbers of orphans and players that wait for it.
-- song_hits counts the songs that its title fits; chart_hits counts the charts that its key finds.
WITH missing AS (
    SELECT
        game,
        coalesce(song_kind, chart_kind) AS kind,
        coalesce(song_key, chart_key) AS key,
        any_value(coalesce(song_exact, song_key, chart_key)) AS looked_for,
        count(*) AS orphans,
        count(DISTINCT user_id) AS users,
        list_sort(list(DISTINCT difficulty)) AS difficulties,
        list_sort(list(DISTINCT import_type)) AS import_types,
        min(time_inserted) AS first_seen,
        max(time_inserted) AS last_seen
    FROM orphans
    WHERE $game IS NULL OR game = $game
    GROUP BY ALL
    ORDER BY orphans DESC, users DESC, game, key
    LIMIT $limit
)
SELECT
    missing.*,
    (
        SELECT count(DISTINCT song_id) FROM song_keys AS song
        WHERE song.game = missing.game AND song.kind = missing.kind AND song.key = missing.key
    ) AS song_hits,
    (
        SELECT count(*) FROM chart_keys AS chart
        WHERE chart.game = missing.game AND chart.kind = missing.kind AND chart.key = missing.key
    ) AS chart_hits
FROM missing
ORDER BY orphans DESC, users DESC, game, key
