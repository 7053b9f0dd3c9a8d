-- One row per look-up that names a song, and song that fits.
SELECT DISTINCT wanted.song_look_up, found.song_id
FROM wanted
JOIN song_keys AS found
  ON found.game = $game AND found.kind = wanted.song_kind AND found.key = wanted.song_key
WHERE wanted.artist IS NULL OR found.artist_folded = wanted.artist
