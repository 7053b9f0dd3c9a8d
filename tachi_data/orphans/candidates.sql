-- One row is an orphan worth converting: the catalogue has a chart for its look-up now, or its look-up is
-- not known. The conversion decides; this statement only leaves out the hopeless orphans. Titles that one format
-- has beside those of the song count as titles.
--
-- A run over changes takes the orphans that are due, those that were never tried, and those with a key that
-- finds other songs or charts since they were tried, or since the last run over all orphans.
WITH changed AS (
    SELECT game, kind, key, max(version) AS version
    FROM catalogue_changes
    WHERE $which = 'changed' AND version > $since_version
    GROUP BY ALL
),
scope AS (
    SELECT
        ordinal, strlen(data) AS bytes, game, song_kind, song_key, artist, chart_kind, chart_key, playtype, difficulty, version,
        $which <> 'changed' OR due IS NOT NULL OR (catalogue_version IS NULL AND ordinal > $since_upper) AS is_wanted,
        greatest(
            coalesce(catalogue_version, -1), CASE WHEN ordinal <= $since_upper THEN $since_version ELSE -1 END
        ) AS tried_at,
        converter_version IS NOT DISTINCT FROM $converter AS is_same_converter
    FROM orphans
    WHERE ordinal > $cursor
      AND ordinal <= $upper
      AND ($everybody OR user_id IN (SELECT user_id FROM players))
      AND ($which <> 'due' OR due IS NOT NULL)
      AND ($which <> 'deferred' OR due = $run_id)
      AND NOT (
          coalesce(quarantined, false)
          AND catalogue_version = $version
          AND converter_version IS NOT DISTINCT FROM $converter
      )
),
look_ups AS (
    SELECT
        scope.*,
        CASE WHEN scope.song_kind IS NULL THEN scope.chart_key ELSE CAST(song.song_id AS VARCHAR) END AS parent
    FROM scope
    LEFT JOIN song_keys AS song
      ON song.game = scope.game
     AND (song.kind = scope.song_kind OR (scope.song_kind = 'title' AND list_contains($other_titles, song.kind)))
     AND song.key = scope.song_key
     AND (scope.artist IS NULL OR song.artist_folded = scope.artist)
    WHERE scope.chart_kind IS NOT NULL
),
concerned AS (
    SELECT look_ups.*
    FROM look_ups
    LEFT JOIN changed AS by_chart
      ON by_chart.game = look_ups.game AND by_chart.kind = look_ups.chart_kind AND by_chart.key = look_ups.parent
    LEFT JOIN changed AS by_song
      ON by_song.game = look_ups.game AND by_song.kind = look_ups.song_kind AND by_song.key = look_ups.song_key
    WHERE look_ups.is_wanted OR by_chart.version > look_ups.tried_at OR by_song.version > look_ups.tried_at
)
SELECT DISTINCT wanted.ordinal, wanted.bytes
FROM concerned AS wanted
LEFT JOIN aliases ON aliases.game = wanted.game AND aliases.alias = wanted.difficulty
JOIN chart_keys AS found
  ON found.game = wanted.game AND found.kind = wanted.chart_kind AND found.key = wanted.parent
WHERE (wanted.playtype IS NULL OR found.playtype = wanted.playtype)
  AND (wanted.difficulty IS NULL OR found.difficulty = coalesce(aliases.difficulty, wanted.difficulty))
  AND (wanted.version IS NULL OR list_contains(found.versions, wanted.version))
UNION
SELECT ordinal, bytes
FROM scope
WHERE chart_kind IS NULL AND (is_wanted OR NOT is_same_converter)
ORDER BY ordinal
