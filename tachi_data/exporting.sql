-- The statements of exports. A comment says what one row of the result is.

-- name: chart_queue
-- One row is an unknown chart of a GPT with the players who played it, as the first described it.
SELECT
    game,
    playtype,
    arg_min(chart, ordinal) AS chart,
    arg_min(song, ordinal) AS song,
    list(user_id ORDER BY ordinal) AS user_ids
FROM chart_queue
GROUP BY game, playtype, sha256
ORDER BY min(ordinal)

-- name: of_user
-- One row is a row of the table that belongs to the player (to any player, where $user is null).
FROM query_table($table) WHERE $user IS NULL OR user_id = $user

-- name: pbs
-- One row is a personal best of any player on a chart where the player has one: a ranking needs them all.
FROM query_table($table)
WHERE $user IS NULL OR chart_id IN (SELECT chart_id FROM query_table($table) WHERE user_id = $user)

-- name: scores
-- One row is a score of the player (of any player, where $user is null), in the order of storing.
FROM query_table($table) WHERE $user IS NULL OR user_id = $user ORDER BY ordinal

-- name: session_members
-- One row is a score that belongs to a session.
SELECT session_id, session_position, score_id
FROM score_keys
WHERE session_id IS NOT NULL AND ($user IS NULL OR user_id = $user)
