-- The statements of the store itself: creating, copying and maintaining it. A comment says what one row of the result is.

-- name: copy_from_file
-- Appends the rows of a Parquet file to a table, by column name, in their order.
INSERT INTO {table} BY NAME FROM read_parquet({file})

-- name: copy_to_file
-- Writes a table to a Parquet file; the result is how many rows it has.
COPY (FROM {table}) TO {file} (FORMAT parquet, COMPRESSION zstd)

-- name: count_differing
-- How many rows only the table or only the Parquet file has; of repeated rows, each counts. Columns and
-- members of structs are compared by name, as the two may have got them in another order.
WITH taken AS (
    (FROM {table} LIMIT 0) UNION ALL BY NAME (FROM read_parquet({file}))
)
SELECT count(*)
FROM ((FROM {table} EXCEPT ALL FROM taken) UNION ALL (FROM taken EXCEPT ALL FROM {table}))

-- name: count_rows
-- How many rows the table has.
SELECT count(*) FROM {table}

-- name: create_meta
-- One row is a fact about the store itself: its schema version, or the fingerprint of declarations
-- of tables that it is known to satisfy.
CREATE TABLE store_meta (key VARCHAR, value VARCHAR);

-- name: delete_lost_files
-- One row is a file that was deleted, as its writer was killed before it committed.
CALL ducklake_delete_orphaned_files('store', older_than => now() - to_days($days::INTEGER))

-- name: delete_old_files
-- One row is a file that was deleted, as no snapshot needs it.
CALL ducklake_cleanup_old_files('store', older_than => now() - to_days($days::INTEGER))

-- name: expire_snapshots
-- One row is a snapshot that can no longer be read.
CALL ducklake_expire_snapshots('store', older_than => now() - to_days($days::INTEGER))

-- name: flush_inlined_rows
-- One row is a table whose few rows were kept in PostgreSQL, and now are in a file.
CALL ducklake_flush_inlined_data('store')

-- name: insert
-- Appends the frame `inserted_rows` to a table by column name; columns it lacks are NULL.
INSERT INTO {table} BY NAME FROM inserted_rows

-- name: limit_wait
-- Limits how long this transaction waits in PostgreSQL for any lock.
FROM postgres_query('store', $setting)

-- name: merge_files
-- One row is a table of which small files became larger ones.
CALL ducklake_merge_adjacent_files('store')

-- name: metadata_blocks
-- One row is a block of the database's file that holds metadata (where tables have their rows).
SELECT block_id FROM pragma_metadata_info() ORDER BY block_id

-- name: rewrite_files
-- One row is a table of which files were rewritten, as most of their rows had been deleted.
CALL ducklake_rewrite_data_files('store')

-- name: tables
-- One row is the name of a table that holds what this project keeps, not facts about the store itself.
SELECT table_name
FROM information_schema.tables
WHERE table_catalog = 'store' AND table_type = 'BASE TABLE' AND table_name <> 'store_meta'
ORDER BY table_name

-- name: take_turn
-- Waits in PostgreSQL for the turn to write, which ends with the transaction. PostgreSQL queues
-- those who wait in order, and ends the turn of a lost connection. (Any number does that nobody
-- else takes in the database of the catalogue.)
FROM postgres_query('store', 'SELECT 1 AS turn FROM pg_advisory_xact_lock(7482031)')

-- name: counter
-- The next number of a counter, where there is one.
SELECT value FROM counters WHERE name = $name

-- name: move_counter
-- A counter moves on.
UPDATE counters SET value = $value WHERE name = $name

-- name: new_counter
-- A counter begins.
INSERT INTO counters (name, value) VALUES ($name, $value)

-- name: limit_wait_setting
-- What PostgreSQL is told; it takes no parameters by this way.
SELECT set_config('lock_timeout', '{milliseconds}', true)

-- name: largest_tables
-- One row is a table of the store that may have rows, by an estimate that counts deleted ones; the largest first.
SELECT table_name
FROM duckdb_tables()
WHERE NOT internal AND estimated_size > 0 AND database_name = current_database()
ORDER BY estimated_size DESC, table_name
LIMIT 20

-- name: size_of_table
-- One row is the table, in quotes, with the number of its rows.
SELECT '{table}' AS table_name, count(*) AS rows FROM {table}
