-- One row is the name of a table that holds what this project keeps, not facts about the store itself.
SELECT table_name
FROM information_schema.tables
WHERE table_catalog = 'store' AND table_type = 'BASE TABLE' AND table_name <> 'store_meta'
ORDER BY table_name
