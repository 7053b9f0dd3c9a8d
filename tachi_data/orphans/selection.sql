-- The last of the orphans that a run is about, and how many there are.
SELECT coalesce(max(ordinal), -1), count(*)
FROM orphans
WHERE ($everybody OR user_id IN (SELECT user_id FROM players))
  AND ($upper IS NULL OR ordinal <= $upper)
