-- One row is a chart of the songs that an orphan's look-up finds, or that it finds without a song.
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
    chart.chart_id,
    chart.song_id,
    chart.playtype,
    chart.difficulty,
    chart.level,
    chart.versions,
    (parents.playtype IS NULL OR chart.playtype = parents.playtype)
    AND (
        parents.difficulty IS NULL
        OR chart.difficulty = parents.difficulty
        OR (parents.difficulty = 'ANY_INF' AND chart.difficulty IN ('INF', 'GRV', 'HVN', 'VVD', 'XCD'))
    )
    AND (parents.version IS NULL OR list_contains(chart.versions, parents.version)) AS fits
FROM parents
JOIN chart_keys AS chart
  ON chart.game = parents.game AND chart.kind = parents.chart_kind AND chart.key = parents.parent
ORDER BY fits DESC, chart.song_id, chart.playtype, chart.difficulty
