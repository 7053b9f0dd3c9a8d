-- Settled orphans are copied to the archive with the reason.
INSERT INTO orphan_archive BY NAME
SELECT
    orphans.* REPLACE ($converter AS converter_version, NULL AS due),
    settled.reason,
    settled.score_id,
    settled.deorphaned_by,
    make_timestamp_ms($now)::TIMESTAMP_MS AS time_removed,
    $run_id AS run_id
FROM orphans
JOIN settled USING (ordinal)
