-- One row is a day, an import type, a service and an outcome: how many datapoints of that day ended so.
-- Records that were skipped, such as scores that were there already, are not kept, and not counted.
WITH scored AS (
    SELECT date_trunc('day', time_added) AS day, import_type, service, count(*) AS datapoints
    FROM all_scores
    GROUP BY ALL
),
services AS (
    SELECT import_id, any_value(service) AS service FROM all_scores GROUP BY import_id
),
failed AS (
    SELECT import_id, import_type, outcome, count(*) AS datapoints FROM problems GROUP BY ALL
)
SELECT day, import_type, service, 'ScoreImported' AS outcome, datapoints FROM scored
UNION ALL
SELECT
    date_trunc('day', imports.time_finished) AS day,
    failed.import_type,
    coalesce(services.service, 'unknown') AS service,
    failed.outcome,
    sum(failed.datapoints)::BIGINT AS datapoints
FROM failed
JOIN imports USING (import_id)
LEFT JOIN services USING (import_id)
GROUP BY ALL
ORDER BY day, import_type, service, outcome
