-- The statements of finding songs and charts. A comment says what one row of the result is.

-- name: artists
-- One row is a wanted song, with its artist.
SELECT song_id, artist
FROM songs
SEMI JOIN wanted USING (song_id)
WHERE game = $game

-- name: charts
-- One row per look-up and chart that it may mean, with the place in the catalogue's order of preference, and with
-- what the catalogue says of the chart and of its song.
SELECT
    wanted.chart_look_up,
    wanted.only_one,
    found.preference,
    found.level,
    chart.chart_id,
    chart.song_id,
    chart.playtype,
    chart.difficulty,
    chart.level_num,
    chart.is_primary,
    chart.data AS chart_data,
    song.data AS song_data,
    song.song_id IS NOT NULL AS has_song
FROM wanted
JOIN chart_keys AS found
  ON found.game = $game AND found.kind = wanted.chart_kind AND found.key = wanted.chart_key
JOIN charts AS chart ON chart.game = $game AND chart.chart_id = found.chart_id
LEFT JOIN songs AS song ON song.game = $game AND song.song_id = chart.song_id
WHERE (wanted.playtype IS NULL OR found.playtype = wanted.playtype)
  AND (wanted.difficulty IS NULL OR found.difficulty = wanted.difficulty)
  AND CASE
      WHEN wanted.version IS NOT NULL THEN list_contains(found.versions, wanted.version)
      WHEN wanted.primary_only THEN found.is_primary
      ELSE true
  END
  AND NOT (coalesce(wanted.official_only, false) AND found.is_fan_made)

-- name: empty_songs
-- One row per look-up whose song has no chart at all.
SELECT wanted.song_look_up
FROM wanted
ANTI JOIN chart_keys AS chart
  ON chart.game = $game AND chart.kind = 'song_id' AND chart.key = CAST(wanted.song_id AS VARCHAR)

-- name: songs
-- One row per look-up that names a song, and song that fits.
SELECT DISTINCT wanted.song_look_up, found.song_id
FROM wanted
JOIN song_keys AS found
  ON found.game = $game AND found.kind = wanted.song_kind AND found.key = wanted.song_key
WHERE wanted.artist IS NULL OR found.artist_folded = wanted.artist

-- name: spellings
-- One row is a title of a wanted song, as it is written.
SELECT song_id, key AS spelling
FROM song_keys
SEMI JOIN wanted USING (song_id)
WHERE game = $game AND kind = 'spelling'
