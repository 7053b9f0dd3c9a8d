-- One row is a table of which small files became larger ones.
CALL ducklake_merge_adjacent_files('store')
