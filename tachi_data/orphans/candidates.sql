-- One row is an orphan worth converting: the catalogue has a chart for its look-up by now, or its
-- look-up is not known. The conversion remains the judge; this only leaves out the hopeless ones.
WITH scope AS (
    SELECT ordinal, strlen(data) AS bytes, game, song_kind, song_key, artist, chart_kind, chart_key, playtype, difficulty, version
    FROM orphans
    WHERE ordinal > $cursor
      AND ordinal <= $upper
      AND ($everybody OR user_id IN (SELECT user_id FROM players))
      AND NOT (coalesce(quarantined, false) AND catalogue_version = $version)
),
look_ups AS (
    SELECT
        scope.*,
        CASE WHEN scope.song_kind IS NULL THEN scope.chart_key ELSE CAST(song.song_id AS VARCHAR) END AS parent
    FROM scope
    LEFT JOIN song_keys AS song
      ON song.game = scope.game
     AND song.kind = scope.song_kind
     AND song.key = scope.song_key
     AND (scope.artist IS NULL OR song.artist_folded = scope.artist)
)
SELECT DISTINCT look_ups.ordinal, look_ups.bytes
FROM look_ups
JOIN chart_keys AS chart
  ON chart.game = look_ups.game AND chart.kind = look_ups.chart_kind AND chart.key = look_ups.parent
WHERE (look_ups.playtype IS NULL OR chart.playtype = look_ups.playtype)
  AND (
      look_ups.difficulty IS NULL
      OR chart.difficulty = look_ups.difficulty
      OR (look_ups.difficulty = 'ANY_INF' AND chart.difficulty IN ('INF', 'GRV', 'HVN', 'VVD', 'XCD'))
  )
  AND (look_ups.version IS NULL OR list_contains(chart.versions, look_ups.version))
  AND (
      $since IS NULL
      OR EXISTS (
          SELECT 1
          FROM catalogue_changes AS change
          WHERE change.version > $since
            AND change.game = look_ups.game
            AND change.kind = look_ups.chart_kind
            AND change.key = look_ups.parent
      )
      OR EXISTS (
          SELECT 1
          FROM catalogue_changes AS change
          WHERE change.version > $since
            AND change.game = look_ups.game
            AND change.kind = look_ups.song_kind
            AND change.key = look_ups.song_key
      )
  )
UNION
SELECT ordinal, bytes FROM scope WHERE chart_kind IS NULL
ORDER BY ordinal
