-- One row is a chart voted for just now that enough players have played, as the first of them described
-- it. Hashes are unique in the catalogue: where one is taken, nothing is let in beside it.
WITH counted AS (
    SELECT
        queue.game,
        queue.playtype,
        queue.sha256,
        arg_min(queue.md5, queue.ordinal) AS md5,
        arg_min(queue.chart, queue.ordinal) AS chart,
        arg_min(queue.song, queue.ordinal) AS song,
        min(queue.ordinal) AS ordinal
    FROM chart_queue AS queue
    SEMI JOIN votes USING (game, playtype, sha256)
    GROUP BY queue.game, queue.playtype, queue.sha256
    HAVING count(DISTINCT queue.user_id) >= $size
)
SELECT counted.* EXCLUDE (ordinal)
FROM counted
WHERE NOT EXISTS (
    SELECT 1
    FROM chart_keys AS taken
    WHERE taken.game = counted.game
      AND taken.playtype = counted.playtype
      AND taken.kind = 'sha256'
      AND lower(taken.key) = counted.sha256
)
AND NOT EXISTS (
    SELECT 1
    FROM chart_keys AS taken
    WHERE taken.game = counted.game
      AND taken.playtype = counted.playtype
      AND taken.kind = 'md5'
      AND lower(taken.key) = counted.md5
)
ORDER BY counted.ordinal
