-- The one row is the oldest orphan that looks for this, or, where that is null, the oldest of all.
SELECT orphan_id
FROM orphans
WHERE $looked_for IS NULL OR (game = $game AND coalesce(song_exact, song_key, chart_key) = $looked_for)
ORDER BY time_inserted, ordinal
LIMIT 1
