-- The statements of what answers of the service show. A comment says what one row of the result is.

-- name: charts
-- One row is a chart with one of these IDs.
FROM charts WHERE game = $game AND chart_id IN (SELECT unnest($ids::VARCHAR[]))

-- name: charts_by_key
-- One row is a chart that a key finds, the preferred one first.
SELECT charts.*
FROM charts
JOIN (
    SELECT chart_id, min(preference) AS preference
    FROM chart_keys
    WHERE game = $game AND kind = $kind AND key = $key
    GROUP BY chart_id
) AS found ON found.chart_id = charts.chart_id
WHERE charts.game = $game
ORDER BY found.preference, charts.chart_id

-- name: course
-- One row is the course of these charts, and the class that it stands for.
SELECT playtype, set, value FROM courses WHERE game = $game AND lower(md5sums) = lower($md5sums)

-- name: failed_imports
-- One row is one of the newest imports that failed, of one player or of all.
SELECT
    import_id AS "importID",
    import_type AS "importType",
    user_id AS "userID",
    user_intent AS "userIntent",
    epoch_ms(time_started::TIMESTAMP) AS "timeStarted",
    status_code,
    message
FROM import_trackers
WHERE status = 'FAILED'
  AND ($kind IS NULL OR import_type = $kind)
  AND ($intent IS NULL OR user_intent = $intent)
  AND ($user IS NULL OR user_id = $user)
ORDER BY time_started DESC
LIMIT 500

-- name: game_of_score
-- One row is the game of a score.
SELECT game FROM score_keys WHERE score_id = $score

-- name: import_owner
-- One row is whose import this is.
SELECT user_id FROM imports WHERE import_id = $import

-- name: newest_imports
-- One row is one of the newest imports, of one player or of all.
SELECT import_id, user_id
FROM imports
WHERE ($kind IS NULL OR import_type = $kind)
  AND ($intent IS NULL OR user_intent = $intent)
  AND ($user IS NULL OR user_id = $user)
ORDER BY time_finished DESC
LIMIT 500

-- name: orphans
-- One row is one of a player's newest orphans, with what was looked for.
SELECT
    orphan_id AS "orphanID",
    import_type AS "importType",
    game,
    message AS "errMsg",
    coalesce(song_kind, chart_kind) AS kind,
    coalesce(song_exact, song_key, chart_key) AS looked_for,
    difficulty,
    epoch_ms(time_inserted::TIMESTAMP) AS "timeInserted"
FROM orphans
WHERE user_id = $user
ORDER BY ordinal DESC
LIMIT 500

-- name: own_score
-- One row says that this score is one of the player's.
SELECT score_id FROM query_table($scores) WHERE user_id = $user AND score_id = $score

-- name: problems
-- One row is a datapoint of an import that did not become a score.
SELECT position, line, outcome, message FROM problems WHERE import_id = $import ORDER BY position

-- name: ranking
-- One row is a personal best on a chart, with what its first score says about how it was played.
SELECT pbs.*, scores.score_meta AS base_score_meta
FROM query_table($pbs) AS pbs
LEFT JOIN query_table($scores) AS scores
    ON scores.chart_id = $chart
    AND scores.user_id = pbs.user_id
    AND scores.score_id = pbs.composed_from[1].score_id
WHERE pbs.chart_id = $chart

-- name: score
-- One row is the score with this ID.
FROM query_table($table) WHERE score_id = $score

-- name: scores_of_import
-- One row is a score of an import that is still there.
FROM query_table($table) WHERE user_id = $user AND import_id = $import ORDER BY ordinal

-- name: session_members
-- One row is a session with the IDs of its scores, in order.
SELECT session_id, list(score_id ORDER BY session_position) AS score_ids
FROM query_table($table)
WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY session_id

-- name: sessions
-- One row is a session with one of these IDs.
FROM sessions WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))

-- name: songs
-- One row is a song with one of these IDs.
FROM songs WHERE game = $game AND song_id IN (SELECT unnest($ids::BIGINT[]))

-- name: voters
-- One row is how many players have played an unknown chart.
SELECT count(DISTINCT user_id) AS voters FROM chart_queue WHERE sha256 = $sha256

-- name: charts_of_songs
-- One row is a chart of this playtype (of any, where $playtype is null) of the songs found.
SELECT charts.*
FROM charts
JOIN found ON found.game = charts.game AND found.song_id = charts.song_id
WHERE charts.game = $game AND ($playtype IS NULL OR charts.playtype = $playtype)
ORDER BY charts.song_id, charts.playtype, charts.level_num, charts.chart_id

-- name: first_and_last_score
-- One row is the player's first or newest score of a GPT, by time achieved.
SELECT * FROM (
    FROM query_table($table)
    WHERE user_id = $user AND playtype = $playtype AND time_achieved IS NOT NULL
    QUALIFY row_number() OVER (ORDER BY time_achieved, ordinal) = 1
        OR row_number() OVER (ORDER BY time_achieved DESC, ordinal DESC) = 1
)
ORDER BY time_achieved, ordinal

-- name: last_session
-- One row is the player's last session of a GPT.
FROM sessions
WHERE user_id = $user AND game = $game AND playtype = $playtype
ORDER BY time_ended DESC, session_id
LIMIT 1

-- name: pbs_on_chart
-- One row is a personal best on a chart, of anybody: a ranking needs them all.
FROM query_table($table) WHERE chart_id = $chart

-- name: profiles
-- One row is a player's profile of a game and playtype (of all, where $game is null).
FROM game_stats
WHERE user_id = $user
  AND ($game IS NULL OR (game = $game AND playtype = $playtype))
ORDER BY game, playtype

-- name: score_count
-- One row is how many scores a player has of a GPT.
SELECT count(*) AS scores FROM query_table($table) WHERE user_id = $user AND playtype = $playtype

-- name: scores_of_session
-- One row is a score of a session.
FROM query_table($table) WHERE session_id = $session ORDER BY session_position

-- name: search_songs
-- One row is a song with the words in its title, artist or other titles; exact titles first, then short ones.
SELECT *
FROM songs
WHERE ($game IS NULL OR game = $game)
  AND contains(
      lower(concat_ws(chr(10), title, artist, array_to_string(alt_titles, chr(10)), array_to_string(search_terms, chr(10)))),
      lower($words)
  )
ORDER BY lower(title) <> lower($words), length(title), game, song_id
LIMIT $most

-- name: search_players
-- One row is a player whose name contains the words.
SELECT user_id FROM accounts
WHERE contains(lower(username), lower($words))
ORDER BY length(username), user_id
LIMIT $most

-- name: is_well
-- One row, if the store can be read at all.
SELECT 1

-- name: v3_ids
-- One row is a wanted chart with the v3 identifiers of itself and its song.
SELECT charts.chart_id, any_value(charts.v3_id) AS v3_chart_id, any_value(songs.v3_id) AS v3_song_id
FROM charts
SEMI JOIN wanted USING (chart_id)
LEFT JOIN songs ON songs.game = charts.game AND songs.song_id = charts.song_id
WHERE charts.game = $game
GROUP BY charts.chart_id

-- name: orphan_cursor
-- One row is an orphan of the player that a page ended with; it may have been settled since.
SELECT ordinal FROM orphans WHERE user_id = $user AND ordinal = $after
UNION ALL
SELECT ordinal FROM orphan_archive WHERE user_id = $user AND ordinal = $after

-- name: orphans_page
-- One row is one of a player's orphans after the cursor, newest first; or the one of this ID.
WITH last AS (
    SELECT time_inserted, ordinal FROM orphans WHERE user_id = $user AND ordinal = $after
    UNION ALL
    SELECT time_inserted, ordinal FROM orphan_archive WHERE user_id = $user AND ordinal = $after
)
SELECT
    orphan_id AS "orphanID",
    ordinal AS "rowID",
    import_type AS "importType",
    game AS "gameGroup",
    epoch_ms(time_inserted::TIMESTAMP) AS "timeInserted",
    message,
    data,
    context
FROM orphans
WHERE user_id = $user
  AND ($orphan IS NULL OR orphan_id = $orphan)
  AND (
      $after IS NULL
      OR EXISTS (
          SELECT 1
          FROM last
          WHERE orphans.time_inserted < last.time_inserted
             OR (orphans.time_inserted = last.time_inserted AND orphans.ordinal < last.ordinal)
      )
  )
ORDER BY time_inserted DESC, ordinal DESC
LIMIT $limit

-- name: pbs_of_player
-- One row is a personal best of the player in a game.
FROM query_table($table) WHERE user_id = $user
