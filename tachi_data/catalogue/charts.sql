-- One row is a wanted chart of a game, with the data of its song.
SELECT
    chart.chart_id,
    chart.song_id,
    chart.playtype,
    chart.difficulty,
    chart.level_num,
    chart.is_primary,
    chart.data AS chart_data,
    song.data AS song_data,
    song.song_id IS NOT NULL AS has_song
FROM charts AS chart
LEFT JOIN songs AS song ON song.game = chart.game AND song.song_id = chart.song_id
WHERE chart.game = $game
  AND ($everything OR chart.chart_id IN (SELECT chart_id FROM wanted_charts))
