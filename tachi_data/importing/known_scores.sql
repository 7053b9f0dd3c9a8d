-- One row per wanted score that needs no storing: the player has it already, or has it blacklisted.
SELECT wanted.row, 'The player has this score already.' AS message
FROM wanted
SEMI JOIN query_table($scores) AS stored
  ON stored.user_id = wanted.user_id AND stored.score_id = wanted.score_id
UNION ALL
SELECT wanted.row, 'The player has blacklisted this score.' AS message
FROM wanted
SEMI JOIN score_blacklist AS refused
  ON refused.user_id = wanted.user_id AND refused.score_id = wanted.score_id
