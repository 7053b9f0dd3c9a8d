-- The statements of the flows. A comment says what one row of the result is.

-- name: import_reasons
-- One row is a reason why datapoints of some imports did not become scores, the most frequent first.
SELECT outcome, message AS reason, count(*) AS datapoints, count(DISTINCT import_id) AS imports
FROM problems
WHERE import_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY ALL
ORDER BY datapoints DESC, reason
LIMIT 20

-- name: players_of_shard
-- One row is a player of the shard who has orphans.
SELECT DISTINCT user_id FROM orphans WHERE user_id % $shards = $shard ORDER BY user_id

-- name: number_of_players
-- How many players the store has.
SELECT count(*) AS players FROM users

-- name: has_charts
-- Whether the catalogue has any chart.
SELECT EXISTS (FROM charts) AS has_charts

-- name: unknown_players
-- One row is one of these players whom the store does not know.
SELECT unnest($players::BIGINT[]) AS user_id
EXCEPT
SELECT user_id FROM users
ORDER BY user_id
