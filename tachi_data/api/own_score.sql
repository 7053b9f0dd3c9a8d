-- One row says that this score is one of the player's.
SELECT score_id FROM query_table($scores) WHERE user_id = $user AND score_id = $score
