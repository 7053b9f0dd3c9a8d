-- One row is a datapoint of an import that did not become a score.
SELECT position, line, outcome, message FROM problems WHERE import_id = $import ORDER BY position
