-- One row is a table whose few rows were kept in PostgreSQL, and now are in a file.
CALL ducklake_flush_inlined_data('store')
