-- One row is a reason why datapoints of some imports did not become scores, the most frequent first.
SELECT outcome, message AS reason, count(*) AS datapoints, count(DISTINCT import_id) AS imports
FROM problems
WHERE import_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY ALL
ORDER BY datapoints DESC, reason
LIMIT 20
