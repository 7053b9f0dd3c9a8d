-- The import is still being worked on.
UPDATE import_trackers SET heartbeat = make_timestamp_ms($now) WHERE import_id = $import_id AND status = 'RUNNING'
