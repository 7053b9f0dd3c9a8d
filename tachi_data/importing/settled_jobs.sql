-- One row is an import, of those given, that needs nothing of its spooled upload any more.
SELECT ids.import_id
FROM (SELECT unnest($ids::VARCHAR[]) AS import_id) AS ids
LEFT JOIN imports ON imports.import_id = ids.import_id
LEFT JOIN import_trackers AS tracker ON tracker.import_id = ids.import_id
WHERE imports.import_id IS NOT NULL OR tracker.status = 'FAILED'
