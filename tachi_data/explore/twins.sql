-- One row is a game and two sources: how often both have a play of one player on one chart in one minute,
-- as two different scores. Most are one play that two sources describe differently.
WITH plays AS (
    SELECT game, user_id, chart_id, date_trunc('minute', time_achieved) AS minute, import_type
    FROM scores
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
