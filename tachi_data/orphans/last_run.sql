-- What the last finished run over everything saw: the catalogue when it began, and the last orphan.
SELECT catalogue_version, upper
FROM orphan_runs
WHERE is_global AND status = 'FINISHED'
ORDER BY catalogue_version DESC, upper DESC
LIMIT 1
