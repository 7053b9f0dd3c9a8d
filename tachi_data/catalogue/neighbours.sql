-- One row is a stored key of an untouched chart that shares it with a new or changed chart.
SELECT stored.*
FROM chart_keys AS stored
WHERE EXISTS (
    SELECT 1
    FROM new_keys
    WHERE new_keys.game = stored.game AND new_keys.kind = stored.kind AND new_keys.key = stored.key
)
  AND NOT EXISTS (
    SELECT 1 FROM touched WHERE touched.game = stored.game AND touched.id = stored.chart_id
)
