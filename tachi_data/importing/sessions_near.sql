-- One row per group of scores that belongs to a stored session: the nearest one.
-- A session is near when less than two hours lie between; ties go to the earlier, then the smaller ID.
SELECT
    wanted.session_group,
    arg_min(
        stored.session_id,
        {
            'gap': greatest(
                0,
                date_diff('millisecond', stored.time_ended, wanted.time_started),
                date_diff('millisecond', wanted.time_ended, stored.time_started)
            ),
            'started': stored.time_started,
            'id': stored.session_id
        }
    ) AS session_id
FROM wanted
JOIN sessions AS stored
  ON stored.user_id = wanted.user_id
 AND stored.playtype = wanted.playtype
 AND stored.game = $game
 AND stored.time_started < wanted.time_ended + INTERVAL 2 HOUR
 AND stored.time_ended > wanted.time_started - INTERVAL 2 HOUR
GROUP BY wanted.session_group
