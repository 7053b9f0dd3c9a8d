-- One row is a stored score of a session less than two hours from a group of new scores, with the distance in
-- milliseconds (0 if they overlap). A session without scores has one row with nulls.
SELECT
    wanted.session_group,
    near.session_id,
    near.time_started,
    greatest(
        0,
        date_diff('millisecond', near.time_ended, wanted.time_started),
        date_diff('millisecond', wanted.time_ended, near.time_started)
    ) AS distance,
    stored.user_id,
    stored.session_position,
    stored.ratings
FROM wanted
JOIN sessions AS near
  ON near.user_id = wanted.user_id
 AND near.playtype = wanted.playtype
 AND near.game = $game
 AND near.time_started < wanted.time_ended + INTERVAL 2 HOUR
 AND near.time_ended > wanted.time_started - INTERVAL 2 HOUR
LEFT JOIN query_table($scores) AS stored
  ON stored.user_id = near.user_id AND stored.session_id = near.session_id
