-- One row is an import type and an outcome, with the number of datapoints that ended so.
SELECT import_type, 'ScoreImported' AS outcome, count(*) AS datapoints FROM scores GROUP BY ALL
UNION ALL
SELECT import_type, outcome, count(*) AS datapoints FROM problems GROUP BY ALL
ORDER BY import_type, outcome
