-- One row is a file that was deleted, as no snapshot needs it.
CALL ducklake_cleanup_old_files('store', older_than => now() - to_days($days::INTEGER))
