-- One row is a snapshot that can no longer be read.
CALL ducklake_expire_snapshots('store', older_than => now() - to_days($days::INTEGER))
