-- One row per look-up that names a song: how many songs fit, and the one that is meant.
-- Several songs fitting in any case is no ambiguity where exactly one is spelled exactly so.
WITH candidates AS (
    SELECT DISTINCT wanted.look_up, found.song_id, wanted.song_exact, wanted.song_kind
    FROM wanted
    JOIN song_keys AS found
      ON found.game = wanted.game AND found.kind = wanted.song_kind AND found.key = wanted.song_key
    WHERE wanted.artist IS NULL OR found.artist_folded = wanted.artist
),
counted AS (
    SELECT look_up, any_value(song_exact) AS song_exact, any_value(song_kind) AS song_kind, count(*) AS hits, min(song_id) AS song_id
    FROM candidates
    GROUP BY look_up
),
spelled AS (
    SELECT candidates.look_up, count(*) AS hits, min(candidates.song_id) AS song_id
    FROM candidates
    JOIN counted USING (look_up)
    JOIN song_keys AS exact
      ON exact.game = $game AND exact.kind = 'title' AND exact.key = candidates.song_exact
     AND exact.song_id = candidates.song_id
    WHERE counted.hits > 1
    GROUP BY candidates.look_up
)
SELECT
    counted.look_up,
    CASE WHEN spelled.hits = 1 THEN 1 ELSE counted.hits END AS song_hits,
    CASE WHEN counted.hits = 1 THEN counted.song_id WHEN spelled.hits = 1 THEN spelled.song_id END AS song_id,
    -- Only of the one kind for which the specification tells a song without charts from a missing chart.
    counted.song_kind = 'ddr_song_hash' AND NOT EXISTS (
        FROM chart_keys AS chart
        WHERE chart.game = $game AND chart.kind = 'song_id' AND chart.key = CAST(counted.song_id AS VARCHAR)
    ) AS song_is_empty
FROM counted
LEFT JOIN spelled USING (look_up)
