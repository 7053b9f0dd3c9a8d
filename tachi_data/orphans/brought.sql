-- What a run turned into scores or rejected, by what was looked for.
SELECT
    game,
    coalesce(song_exact, song_key, chart_key) AS looked_for,
    count(score_id) AS scores,
    count(*) - count(score_id) AS removed,
    count(DISTINCT user_id) AS users
FROM orphan_archive
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY scores DESC, removed DESC, game, looked_for
