-- One row is a wanted score that is stored.
SELECT stored.*
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.score_id = stored.score_id
