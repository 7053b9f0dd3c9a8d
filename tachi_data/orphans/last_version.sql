-- The catalogue version that the last finished global run saw.
SELECT catalogue_version
FROM orphan_runs
WHERE is_global AND status = 'FINISHED'
ORDER BY catalogue_version DESC
LIMIT 1
