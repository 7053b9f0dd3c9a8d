-- One row is a text that waiting orphans look for, and what the catalogue says to it: how many orphans it has.
-- Only songs that the catalogue names are looked up one by one, as most orphans name others.
WITH unheard AS (
    SELECT
        game,
        coalesce(song_exact, song_key) AS looked_for,
        song_kind IN ('title', 'folded_title') AS is_title,
        chart_kind IS NULL AS is_due,
        count(*) AS orphans,
        count(*) FILTER (WHERE quarantined) AS quarantined
    FROM orphans
    ANTI JOIN song_keys
        ON song_keys.game = orphans.game
        AND song_keys.kind = orphans.song_kind
        AND song_keys.key = orphans.song_key
    WHERE song_kind IS NOT NULL AND ($game IS NULL OR game = $game) AND ($user IS NULL OR user_id = $user)
    GROUP BY ALL
),
heard AS (
    SELECT orphans.*
    FROM orphans
    SEMI JOIN song_keys
        ON song_keys.game = orphans.game
        AND song_keys.kind = orphans.song_kind
        AND song_keys.key = orphans.song_key
    UNION ALL
    FROM orphans
    WHERE song_kind IS NULL
),
waiting AS (
    SELECT
        game,
        song_kind,
        song_key,
        any_value(song_exact) AS song_exact,
        artist,
        chart_kind,
        chart_key,
        playtype,
        difficulty,
        version,
        count(*) AS orphans,
        count(*) FILTER (WHERE quarantined) AS quarantined
    FROM heard
    WHERE ($game IS NULL OR game = $game) AND ($user IS NULL OR user_id = $user)
    GROUP BY ALL
),
numbered AS MATERIALIZED (
    SELECT *, row_number() OVER () AS look_up FROM waiting
),
named AS MATERIALIZED (
    SELECT
        numbered.look_up,
        song.song_id
    FROM numbered
    JOIN song_keys AS song
        ON song.game = numbered.game
        AND song.kind = numbered.song_kind
        AND song.key = numbered.song_key
        AND (numbered.artist IS NULL OR song.artist_folded = numbered.artist)
),
songs_found AS (
    SELECT look_up, count(DISTINCT song_id) AS song_hits FROM named GROUP BY look_up
),
parents AS (
    SELECT look_up, song_id::VARCHAR AS parent FROM named
    UNION ALL
    SELECT look_up, chart_key AS parent FROM numbered WHERE song_kind IS NULL
),
keys_found AS (
    SELECT
        numbered.look_up,
        bool_or(
            (numbered.playtype IS NULL OR found.playtype = numbered.playtype)
            AND (
                numbered.difficulty IS NULL
                OR found.difficulty = coalesce(aliases.difficulty, numbered.difficulty)
            )
            AND (numbered.version IS NULL OR list_contains(found.versions, numbered.version))
        ) AS has_chart
    FROM numbered
    JOIN parents USING (look_up)
    LEFT JOIN aliases ON aliases.game = numbered.game AND aliases.alias = numbered.difficulty
    JOIN chart_keys AS found
        ON found.game = numbered.game AND found.kind = numbered.chart_kind AND found.key = parents.parent
    GROUP BY numbered.look_up
),
judged AS (
    SELECT
        numbered.game,
        coalesce(song_exact, song_key, chart_key) AS looked_for,
        coalesce(song_kind, chart_kind) IN ('title', 'folded_title') AS is_title,
        CASE
            WHEN chart_kind IS NULL THEN 'due'
            WHEN coalesce(song_hits, 0) > 1 THEN 'several songs'
            WHEN coalesce(has_chart, false) THEN 'due'
            WHEN has_chart IS NOT NULL OR song_hits = 1 THEN 'unknown chart'
            ELSE 'unknown song'
        END AS state,
        orphans,
        quarantined
    FROM numbered
    LEFT JOIN songs_found USING (look_up)
    LEFT JOIN keys_found USING (look_up)
)
SELECT
    game,
    looked_for,
    is_title,
    CASE WHEN game IN (SELECT DISTINCT game FROM charts) THEN state ELSE 'no catalogue' END AS state,
    orphans,
    quarantined
FROM (
    SELECT * REPLACE (CASE WHEN is_due THEN 'due' ELSE 'unknown song' END AS is_due) FROM unheard
    UNION ALL
    FROM judged
) AS texts (game, looked_for, is_title, state, orphans, quarantined)
