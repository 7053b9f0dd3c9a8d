-- One row is a chart of a game. Its facts are, for each of the paths, the values there as JSON texts:
-- none, one, or the elements of a list. Its texts are, for each of the text paths, the value there as one
-- text: a string as it is, all else as JSON; NULL for null and for nothing.
WITH described AS (
    SELECT
        chart.chart_id,
        chart.playtype,
        json_object(
            'chartID', chart.chart_id,
            'songID', chart.song_id,
            'playtype', chart.playtype,
            'difficulty', chart.difficulty,
            'level', chart.level,
            'levelNum', chart.level_num,
            'isPrimary', chart.is_primary,
            'versions', to_json(chart.versions),
            'data', CAST(chart.data AS JSON),
            'song', json_object(
                'id', song.song_id,
                'title', song.title,
                'artist', song.artist,
                'altTitles', to_json(song.alt_titles),
                'searchTerms', to_json(song.search_terms),
                'data', CAST(song.data AS JSON)
            )
        ) AS document
    FROM charts AS chart
    LEFT JOIN songs AS song ON song.game = chart.game AND song.song_id = chart.song_id
    WHERE chart.game = $game
      AND ($everything OR chart.chart_id IN (SELECT id FROM touched))
)
SELECT
    chart_id,
    playtype,
    list_transform(
        json_extract(document, CAST($paths AS VARCHAR[])),
        lambda value: CASE
            WHEN value IS NULL THEN CAST([] AS VARCHAR[])
            WHEN json_type(value) = 'ARRAY' THEN CAST(json_extract(value, '$[*]') AS VARCHAR[])
            ELSE [CAST(value AS VARCHAR)]
        END
    ) AS facts,
    json_extract_string(document, CAST($text_paths AS VARCHAR[])) AS texts
FROM described
