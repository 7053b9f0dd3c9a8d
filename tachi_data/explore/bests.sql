-- One row is a personal best of the player on a primary chart, with its song and chart.
SELECT
    songs.title,
    charts.difficulty,
    charts.level,
    floor(charts.level_num)::INTEGER AS whole_level,
    pbs.*
FROM query_table($pbs) AS pbs
JOIN charts ON charts.game = $game AND charts.chart_id = pbs.chart_id
JOIN songs ON songs.game = $game AND songs.song_id = pbs.song_id
WHERE pbs.user_id = $user AND pbs.playtype = $playtype AND pbs.is_primary
ORDER BY charts.level_num, songs.title, charts.difficulty
