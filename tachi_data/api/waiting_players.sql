-- One row is a player with orphans that a new chart may fit.
SELECT DISTINCT orphans.user_id
FROM orphans
JOIN chart_keys AS keys
    ON keys.game = orphans.game AND keys.kind = orphans.chart_kind AND keys.key = orphans.chart_key
WHERE keys.chart_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY orphans.user_id
