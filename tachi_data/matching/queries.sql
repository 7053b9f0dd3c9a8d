-- The statements of finding songs and charts. A comment says what one row of the result is.

-- name: charts
-- One row per look-up and chart that it may mean, with the place in the catalogue's order of preference.
SELECT wanted.chart_look_up, wanted.only_one, found.chart_id, found.preference, found.is_primary
FROM wanted
JOIN chart_keys AS found
  ON found.game = $game AND found.kind = wanted.chart_kind AND found.key = wanted.chart_key
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

-- name: spelled
-- One row per look-up and song that is spelled exactly as the look-up has it.
SELECT wanted.song_look_up, wanted.song_id
FROM wanted
SEMI JOIN song_keys AS exact
  ON exact.game = $game AND exact.kind = 'title' AND exact.key = wanted.song_exact
 AND exact.song_id = wanted.song_id
