-- One row is something that a new or changed chart is looked up by: its song, its ID, and the members of
-- its data that are keys (members, by game). Lists count by element; a number is a key only where numbers
-- are, and a text only where texts are: "12" is not 12, but 12.0 is.
WITH member AS (
    SELECT game, chart_id, members.kind, json_extract(new_charts.data, members.path) AS value
    FROM new_charts
    JOIN members USING (game)
),
element AS (
    SELECT
        game,
        chart_id,
        kind,
        unnest(
            CASE WHEN json_type(value) = 'ARRAY' THEN json_extract(value, '$[*]') ELSE [value] END
        ) AS value
    FROM member
    WHERE value IS NOT NULL
),
named AS (
    SELECT game, chart_id, 'song_id' AS kind, CAST(song_id AS VARCHAR) AS key FROM new_charts
    UNION ALL
    SELECT game, chart_id, 'chart_id', chart_id FROM new_charts
    UNION
    SELECT
        game,
        chart_id,
        kind,
        CASE
            WHEN kind = 'in_game_id' AND json_type(value) IN ('UBIGINT', 'BIGINT')
                THEN CAST(value AS VARCHAR)
            WHEN kind = 'in_game_id' AND json_type(value) = 'DOUBLE'
                THEN regexp_replace(CAST(CAST(value AS DOUBLE) AS VARCHAR), '\.0$', '')
            WHEN kind <> 'in_game_id' AND json_type(value) = 'VARCHAR'
                THEN json_extract_string(value, '$')
        END AS key
    FROM element
)
SELECT
    chart.game,
    named.kind,
    named.key,
    chart.chart_id,
    chart.song_id,
    chart.playtype,
    chart.difficulty,
    chart.level,
    chart.is_primary,
    chart.versions,
    coalesce(json_type(chart.data, marks.path) <> 'NULL', false) AS is_fan_made
FROM named
JOIN new_charts AS chart USING (game, chart_id)
LEFT JOIN marks USING (game)
WHERE named.key IS NOT NULL
