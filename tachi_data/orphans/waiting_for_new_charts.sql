-- A row, if any orphan waits for a run since a chart came in.
SELECT 1 FROM orphans WHERE due = 'new chart' LIMIT 1
