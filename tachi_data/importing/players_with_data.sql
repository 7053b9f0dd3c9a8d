-- One row is a player of whom anything is stored, with the number of scores.
SELECT user_id, count(score_id) AS scores
FROM (
    SELECT user_id, score_id FROM scores
    UNION ALL
    SELECT user_id, NULL FROM pbs
    UNION ALL
    SELECT user_id, NULL FROM sessions
    UNION ALL
    SELECT user_id, NULL FROM game_stats
)
WHERE $users IS NULL OR user_id IN (SELECT unnest($users::BIGINT[]))
GROUP BY user_id
ORDER BY user_id
