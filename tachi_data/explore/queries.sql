-- The statements of notebooks. A comment says what one row of the result is.

-- name: an_orphan
-- One row is the oldest orphan that looks for this, or, where that is null, the oldest of all orphans.
SELECT orphan_id
FROM orphans
WHERE $looked_for IS NULL OR (game = $game AND coalesce(song_exact, song_key, chart_key) = $looked_for)
ORDER BY time_inserted, ordinal
LIMIT 1

-- name: bests
-- One row is a personal best of the player on a primary chart, with its song and chart.
SELECT
    songs.title,
    charts.difficulty,
    charts.level,
    floor(charts.level_num)::INTEGER AS whole_level,
    pbs.*
FROM query_table($pbs) AS pbs
JOIN charts ON charts.game = $game AND charts.chart_id = pbs.chart_id
JOIN songs ON songs.game = $game AND songs.song_id = pbs.song_id
WHERE pbs.user_id = $user AND pbs.playtype = $playtype AND pbs.is_primary
ORDER BY charts.level_num, songs.title, charts.difficulty

-- name: coverage
-- One row is a version of a game, with the numbers of its charts and of those with a score.
WITH played AS (
    SELECT DISTINCT game, chart_id FROM pbs
),
versions AS (
    SELECT game, chart_id, unnest(versions) AS version FROM charts
)
SELECT
    versions.game,
    versions.version,
    count(*) AS charts,
    count(played.chart_id) AS played
FROM versions
LEFT JOIN played USING (game, chart_id)
GROUP BY ALL
ORDER BY versions.game, versions.version

-- name: games
-- One row is a game of the catalogue, with the numbers of its charts, of those with a score, and of orphans.
SELECT
    charts.game,
    count(*) AS charts,
    count(played.chart_id) AS played,
    count(played.chart_id) / count(*) AS share,
    (SELECT count(*) FROM orphans WHERE orphans.game = charts.game) AS orphans
FROM charts
LEFT JOIN (SELECT DISTINCT game, chart_id FROM pb_keys) AS played USING (game, chart_id)
GROUP BY charts.game
ORDER BY charts.game

-- name: graded
-- One row is a day of the player in a game and a grade, with the number of scores.
SELECT game, date_trunc('day', time_achieved) AS day, grade, count(*) AS scores
FROM all_scores
WHERE user_id = $user AND time_achieved IS NOT NULL AND grade IS NOT NULL
GROUP BY ALL
ORDER BY day, game, grade

-- name: sessions
-- One row is a session of the player, with its day.
SELECT
    sessions.game,
    sessions.name,
    sessions.time_started,
    date_trunc('day', sessions.time_started) AS day,
    date_diff('minute', sessions.time_started, sessions.time_ended) AS minutes,
    count(*) AS scores
FROM sessions
JOIN (SELECT session_id FROM score_keys WHERE user_id = $user) AS mine USING (session_id)
WHERE sessions.user_id = $user
GROUP BY ALL
ORDER BY sessions.time_started

-- name: some_players
-- One row is a player; the players are spread evenly over all, and the same ones each time.
SELECT user_id FROM users ORDER BY hash(user_id), user_id LIMIT $count

-- name: suspicious_times
-- One row is a game and a reason to doubt times, with the number of scores.
SELECT
    game,
    CASE
        WHEN time_achieved IS NULL THEN 'not known'
        WHEN time_achieved < TIMESTAMP '1997-01-01' THEN 'before there was such a game'
        WHEN time_achieved > time_added THEN 'after it was imported'
        ELSE 'at midnight exactly'
    END AS reason,
    count(*) AS scores
FROM all_scores
WHERE
    time_achieved IS NULL
    OR time_achieved < TIMESTAMP '1997-01-01'
    OR time_achieved > time_added
    OR time_achieved = date_trunc('day', time_achieved)
GROUP BY ALL
ORDER BY game, reason

-- name: timed_scores
-- One row is a score of the player whose time is known, in the order of time.
FROM query_table($scores)
WHERE user_id = $user AND playtype = $playtype AND is_primary AND time_achieved IS NOT NULL
ORDER BY time_achieved, ordinal

-- name: twins
-- One row is a game and its sources, with the number of plays that they have as different scores of one
-- player on one chart in one minute. Most are one play that two sources describe differently.
WITH plays AS (
    SELECT game, user_id, chart_id, date_trunc('minute', time_achieved) AS minute, import_type
    FROM all_scores
    WHERE time_achieved IS NOT NULL
),
twins AS (
    SELECT game, list_sort(list(DISTINCT import_type)) AS sources, count(*) AS scores
    FROM plays
    GROUP BY game, user_id, chart_id, minute
    HAVING count(*) > 1
)
SELECT game, array_to_string(sources, ', ') AS sources, count(*) AS plays, sum(scores)::BIGINT AS scores
FROM twins
GROUP BY ALL
ORDER BY plays DESC, game

-- name: players_to_pick
-- One row is a player with scores, the most first.
SELECT counted.user_id, counted.scores, accounts.username
FROM (SELECT user_id, count(*) AS scores FROM score_keys GROUP BY user_id) AS counted
LEFT JOIN accounts USING (user_id)
ORDER BY scores DESC, counted.user_id
LIMIT $most

-- name: games_to_pick
-- One row is a game and playtype of which the player has scores, the most first.
SELECT game, playtype, count(*) AS scores
FROM all_scores
WHERE user_id = $user
GROUP BY ALL
ORDER BY scores DESC, game, playtype

-- name: imports_to_pick
-- One row is an import, the newest first, with how many of its datapoints became no score.
WITH newest AS (
    SELECT import_id, import_type, user_id, time_started
    FROM imports
    ORDER BY time_started DESC
    LIMIT $most
)
SELECT newest.*, (SELECT count(*) FROM problems WHERE problems.import_id = newest.import_id) AS failed
FROM newest
ORDER BY time_started DESC

-- name: titles_of_charts
-- One row is one of the charts, with the title of its song.
SELECT charts.chart_id, songs.title, charts.difficulty, charts.level
FROM charts
SEMI JOIN wanted ON wanted.chart_id = charts.chart_id
LEFT JOIN songs ON songs.game = charts.game AND songs.song_id = charts.song_id

-- name: datapoints_of
-- One row is a datapoint of the import type that failed in the same way as the example, the newest first.
SELECT imports.time_started, problems.import_id, problems.user_id, position AS row, line, message, problems.data
FROM problems
JOIN imports USING (import_id)
WHERE problems.import_type = $kind AND outcome = $outcome
    AND regexp_replace(message, '"[^"]*"|[0-9.,]+', '…', 'g') = regexp_replace($example, '"[^"]*"|[0-9.,]+', '…', 'g')
ORDER BY imports.time_started DESC, position
LIMIT 200

-- name: failed_of
-- One row is a datapoint of the import that became no score.
SELECT position AS row, line, outcome, message, data
FROM problems
WHERE import_id = $import_id
ORDER BY position

-- name: charts_to_play
-- One row is a primary chart of the game and playtype with the title of its song; the same ones each time.
SELECT songs.title, charts.difficulty
FROM charts
JOIN songs USING (game, song_id)
WHERE charts.game = $game AND charts.playtype = $playtype AND charts.is_primary
ORDER BY hash(charts.chart_id)
LIMIT $count
