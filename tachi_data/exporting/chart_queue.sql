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
