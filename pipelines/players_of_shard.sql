-- One row is a player of the shard who has orphans.
SELECT DISTINCT user_id FROM orphans WHERE user_id % $shards = $shard ORDER BY user_id
