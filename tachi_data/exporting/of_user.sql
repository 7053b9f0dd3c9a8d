-- One row is a row of the table that belongs to the user (to anybody, where $user is null).
FROM query_table($table) WHERE $user IS NULL OR user_id = $user
