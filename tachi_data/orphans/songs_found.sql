-- One row is a song that an orphan's look-up finds.
WITH it AS (
    FROM orphans WHERE orphan_id = $orphan_id UNION ALL BY NAME FROM orphan_archive WHERE orphan_id = $orphan_id
)
SELECT DISTINCT songs.song_id, songs.title, songs.artist
FROM it
JOIN song_keys AS found
  ON found.game = it.game AND found.kind = it.song_kind AND found.key = it.song_key
 AND (it.artist IS NULL OR found.artist_folded = it.artist)
JOIN songs ON songs.game = it.game AND songs.song_id = found.song_id
ORDER BY songs.song_id
