-- One row is how many players have played an unknown chart.
SELECT count(DISTINCT user_id) AS voters FROM chart_queue WHERE sha256 = $sha256
