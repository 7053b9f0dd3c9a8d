-- The orphan with this ID, wherever it is.
SELECT *, 'waiting' AS state FROM orphans WHERE orphan_id = $1
UNION ALL BY NAME
SELECT *, 'archived' AS state FROM orphan_archive WHERE orphan_id = $1
LIMIT 1
