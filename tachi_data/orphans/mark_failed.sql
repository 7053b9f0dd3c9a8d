-- Orphans that were tried in vain: how often, and why. After five unexpected errors in a row one is
-- left alone until the catalogue or the converter changes.
UPDATE orphans
SET attempts = orphans.attempts + 1,
    last_attempt = make_timestamp_ms($now)::TIMESTAMP_MS,
    last_error = failed.message,
    catalogue_version = $version,
    converter_version = $converter,
    due = NULL,
    unexpected = CASE WHEN failed.is_unexpected THEN coalesce(orphans.unexpected, 0) + 1 ELSE 0 END,
    quarantined = failed.is_unexpected AND coalesce(orphans.unexpected, 0) + 1 >= 5
FROM failed
WHERE failed.ordinal = orphans.ordinal
