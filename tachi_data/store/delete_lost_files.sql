-- One row is a file that was deleted, as its writer was killed before it committed.
CALL ducklake_delete_orphaned_files('store', older_than => now() - to_days($days::INTEGER))
