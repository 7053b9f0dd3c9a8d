-- What the store knows of players and of their scores; each row has one of the columns, a struct, and nulls
-- in the others. One statement for all of it takes 21 ms of processor time, a statement for each 37 ms.
-- A stored score of a touched player on a touched chart.
SELECT earlier
FROM (
    SELECT COLUMNS($columns)
    FROM query_table($scores) AS stored
    SEMI JOIN touched ON touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id
) AS earlier
UNION ALL BY NAME
-- A stored score of a session less than two hours from a group of new scores, with the distance in
-- milliseconds (0 if they overlap). A session without scores has one row with nulls.
SELECT near
FROM (
    SELECT
        groups.session_group,
        near.session_id,
        near.time_started,
        greatest(
            0,
            date_diff('millisecond', near.time_ended, groups.time_started),
            date_diff('millisecond', groups.time_ended, near.time_started)
        ) AS distance,
        stored.user_id,
        stored.session_position,
        stored.ratings
    FROM groups
    JOIN sessions AS near
      ON near.user_id = groups.user_id
     AND near.playtype = groups.playtype
     AND near.game = $game
     AND near.time_started < groups.time_ended + INTERVAL 2 HOUR
     AND near.time_ended > groups.time_started - INTERVAL 2 HOUR
    LEFT JOIN query_table($scores) AS stored
      ON stored.user_id = near.user_id AND stored.session_id = near.session_id
) AS near
UNION ALL BY NAME
-- A personal best of one of the players, with the columns that profile ratings need.
SELECT pbs
FROM (
    SELECT
        stored.user_id, stored.playtype, stored.chart_id, stored.song_id, stored.is_primary, stored.ratings
    FROM query_table($pbs) AS stored
    SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype
) AS pbs
UNION ALL BY NAME
-- A stored profile of one of the players.
SELECT stats
FROM (
    SELECT stored.user_id, stored.playtype, stored.classes
    FROM game_stats AS stored
    SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype
    WHERE stored.game = $game
) AS stats
UNION ALL BY NAME
-- One of the players who is stored.
SELECT stored
FROM (
    SELECT users.user_id FROM users SEMI JOIN players ON players.user_id = users.user_id
) AS stored
UNION ALL BY NAME
-- A player who has a subscription to a goal of the game.
SELECT subscribers
FROM (
    SELECT DISTINCT subs.user_id
    FROM goal_subs AS subs
    SEMI JOIN players ON players.user_id = subs.user_id
    WHERE subs.game = $game
) AS subscribers
UNION ALL BY NAME
-- A counter.
SELECT counted FROM (SELECT name, value FROM counters) AS counted
