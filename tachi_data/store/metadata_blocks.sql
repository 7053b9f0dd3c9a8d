-- One row is a block of the database's file that holds metadata (where tables have their rows).
SELECT block_id FROM pragma_metadata_info() ORDER BY block_id
