-- One row is a row of the table that belongs to one of the players.
SELECT stored.* FROM query_table($rows) AS stored SEMI JOIN players USING (user_id)
