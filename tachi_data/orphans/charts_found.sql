-- One row is a chart of a song that the orphan's look-up finds, or a chart that it finds without a song.
WITH it AS (
    FROM orphans WHERE orphan_id = $orphan_id UNION ALL BY NAME FROM orphan_archive WHERE orphan_id = $orphan_id
),
parents AS (
    SELECT it.*, CASE WHEN it.song_kind IS NULL THEN it.chart_key ELSE CAST(song.song_id AS VARCHAR) END AS parent
    FROM it
    LEFT JOIN song_keys AS song
      ON song.game = it.game AND song.kind = it.song_kind AND song.key = it.song_key
     AND (it.artist IS NULL OR song.artist_folded = it.artist)
)
SELECT DISTINCT
    found.chart_id,
    found.song_id,
    found.playtype,
    found.difficulty,
    found.level,
    found.versions,
    (wanted.playtype IS NULL OR found.playtype = wanted.playtype)
    AND (
        wanted.difficulty IS NULL
        OR found.difficulty = wanted.difficulty
        OR found.difficulty IN (
            SELECT difficulty FROM aliases WHERE aliases.game = wanted.game AND alias = wanted.difficulty
        )
    )
    AND (wanted.version IS NULL OR list_contains(found.versions, wanted.version)) AS fits
FROM parents AS wanted
JOIN chart_keys AS found
  ON found.game = wanted.game AND found.kind = wanted.chart_kind AND found.key = wanted.parent
ORDER BY fits DESC, found.song_id, found.playtype, found.difficulty
