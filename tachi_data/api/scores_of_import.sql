-- One row is a score of an import that is still there.
FROM query_table($table) WHERE user_id = $user AND import_id = $import ORDER BY ordinal
