-- One row has the numbers of orphans by state, and the newest run.
WITH newest AS (
    FROM orphan_runs ORDER BY lease_until DESC LIMIT 1
)
SELECT
    (SELECT count(*) FROM orphans) AS waiting,
    (SELECT count(*) FROM orphans WHERE quarantined) AS quarantined,
    (SELECT count(*) FROM orphans WHERE due IS NOT NULL) AS due,
    (SELECT min(time_inserted) FROM orphans) AS oldest,
    (SELECT count(*) FROM orphan_archive WHERE score_id IS NOT NULL) AS became_scores,
    (SELECT count(*) FROM orphan_archive WHERE score_id IS NULL) AS rejected,
    newest.run_id,
    newest.status AS run_status,
    newest.time_started AS run_started,
    newest.processed,
    newest.selected AS run_total,
    newest.success,
    newest.failed,
    newest.removed,
    newest.deferred
FROM (SELECT 1) LEFT JOIN newest ON true
