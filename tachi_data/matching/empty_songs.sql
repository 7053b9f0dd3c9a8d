-- Those look-ups whose song has no chart at all.
SELECT wanted.song_look_up
FROM wanted
ANTI JOIN chart_keys AS chart
  ON chart.game = $game AND chart.kind = 'song_id' AND chart.key = CAST(wanted.song_id AS VARCHAR)
