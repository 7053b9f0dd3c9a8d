-- One row is a score of the user (of everybody, where $user is null), oldest first.
FROM query_table($table) WHERE $user IS NULL OR user_id = $user ORDER BY ordinal
