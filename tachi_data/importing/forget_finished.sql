-- A tracker of an import that has its document is left over from a worker that died at the end.
DELETE FROM import_trackers
USING imports
WHERE imports.import_id = import_trackers.import_id
