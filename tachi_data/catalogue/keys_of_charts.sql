-- One row is something that a new or changed chart is looked up by. Lists count by element; a number
-- is a key only where numbers are, and a text only where texts are: "12" is not 12, but 12.0 is.
WITH member AS (
    SELECT
        game,
        chart_id,
        unnest([
            {'kind': 'in_game_id', 'value': json_extract(data, '$.inGameID')},
            {'kind': 'in_game_str_id', 'value': json_extract(data, '$.inGameStrID')},
            {'kind': 'sha256', 'value': json_extract(data, '$.hashSHA256')},
            {'kind': 'md5', 'value': json_extract(data, '$.hashMD5')},
            {'kind': 'bms_hash', 'value': json_extract(data, '$.hashSHA256')},
            {'kind': 'bms_hash', 'value': json_extract(data, '$.hashMD5')},
            {'kind': 'sha1', 'value': json_extract(data, '$.hashSHA1')},
            {'kind': 'gsv3', 'value': json_extract(data, '$.hashGSv3')}
        ], recursive := true)
    FROM new_charts
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
    coalesce(json_type(chart.data, '$."2dxtraSet"') <> 'NULL', false) AS is_fan_made
FROM named
JOIN new_charts AS chart USING (game, chart_id)
WHERE named.key IS NOT NULL
