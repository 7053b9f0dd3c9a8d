-- One row is the score with this ID.
FROM query_table($table) WHERE score_id = $score
