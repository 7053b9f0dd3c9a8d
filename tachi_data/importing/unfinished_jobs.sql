-- One row if any accepted import has not ended.
SELECT 1 FROM import_trackers WHERE status IN ('QUEUED', 'RUNNING') LIMIT 1
