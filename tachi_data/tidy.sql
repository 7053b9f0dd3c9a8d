-- The statements of tidy frames. A comment says what one row of the result is. The list $columns names the columns.

-- name: newest_scores
-- One row is one of the newest scores that fit, with the number of all that fit; those without a time come last.
SELECT game, user_id, score_id, time_achieved, count(*) OVER () AS total
FROM all_scores AS plays
WHERE ($user IS NULL OR user_id = $user)
    AND ($game IS NULL OR game = $game)
    AND ($playtype IS NULL OR playtype = $playtype)
    AND (
        $title IS NULL
        OR EXISTS (
            FROM songs
            WHERE songs.game = plays.game
                AND songs.song_id = plays.song_id
                AND contains(lower(songs.title), lower($title))
        )
    )
ORDER BY time_achieved DESC NULLS LAST, ordinal DESC
LIMIT $limit

-- name: songs_of_game
-- One row is a song of the game.
SELECT song_id, title, artist FROM songs WHERE game = $game

-- name: charts_of_game
-- One row is a chart of the game.
SELECT chart_id, difficulty, level, level_num FROM charts WHERE game = $game

-- name: of_game
-- One row is a row of the game's table, with the places of its song and chart; the columns are those of that game.
SELECT COLUMNS($columns)
FROM (
    SELECT plays.*, known_songs.song_at, known_charts.chart_at
    FROM {table} AS plays
    LEFT JOIN known_songs USING (song_id)
    LEFT JOIN known_charts USING (chart_id)
)
WHERE ($user IS NULL OR user_id = $user)
    AND ($playtype IS NULL OR playtype = $playtype)
    AND ($since IS NULL OR time_achieved >= $since)
    AND ($until IS NULL OR time_achieved < $until)

-- name: charts_called
-- One row is a chart that the text names: by its ID, or by a title of its song in any case.
SELECT charts.game, charts.chart_id
FROM charts
LEFT JOIN songs USING (game, song_id)
WHERE ($game IS NULL OR charts.game = $game)
    AND ($playtype IS NULL OR charts.playtype = $playtype)
    AND (
        charts.chart_id = $name
        OR lower(songs.title) = lower($name)
        OR list_contains(list_transform(songs.alt_titles, lambda t: lower(t)), lower($name))
    )

-- name: similar_titles
-- One row is a title that looks like the text, the most similar one first.
SELECT title
FROM songs
WHERE $game IS NULL OR game = $game
GROUP BY title
ORDER BY jaro_winkler_similarity(lower(title), lower($name)) DESC, title
LIMIT 3

-- name: history
-- One row is a score on one of the charts, in the order of time; scores without a time come last.
SELECT history.*
FROM history
SEMI JOIN wanted USING (game, chart_id)
WHERE $user IS NULL OR user_id = $user
ORDER BY time_achieved NULLS LAST, ordinal

-- name: ratings
-- One row is a rating or class of the player's profile.
SELECT *
FROM ratings
WHERE ($user IS NULL OR user_id = $user)
    AND ($game IS NULL OR game = $game)
    AND ($playtype IS NULL OR playtype = $playtype)
ORDER BY user_id, game, playtype, kind DESC, name

-- name: sessions
-- One row is a session with the number of its scores, in the order of time.
SELECT
    sessions.user_id,
    sessions.game,
    sessions.playtype,
    sessions.name,
    sessions.time_started,
    sessions.time_ended,
    date_diff('second', sessions.time_started, sessions.time_ended) / 60.0 AS minutes,
    coalesce(members.scores, 0) AS scores,
    sessions.description,
    sessions.highlight,
    sessions.ratings,
    sessions.session_id
FROM sessions
LEFT JOIN (
    SELECT session_id, count(*) AS scores
    FROM all_scores
    WHERE session_id IS NOT NULL
        AND ($user IS NULL OR user_id = $user)
        AND ($game IS NULL OR game = $game)
    GROUP BY session_id
) AS members USING (session_id)
WHERE ($user IS NULL OR user_id = $user)
    AND ($game IS NULL OR game = $game)
    AND ($playtype IS NULL OR playtype = $playtype)
ORDER BY time_started, session_id
