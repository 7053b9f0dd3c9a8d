-- Rows of documents that are removed, or come anew.
DELETE FROM {table} AS stored
WHERE EXISTS (SELECT 1 FROM gone WHERE gone.game = stored.game AND gone.id = stored.{id})
