-- One row is a table of which files were rewritten, as most of their rows had been deleted.
CALL ducklake_rewrite_data_files('store')
