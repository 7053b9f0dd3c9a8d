-- A row, if any chart of the game lists this version.
SELECT 1 FROM chart_keys WHERE game = $1 AND list_contains(versions, $2) LIMIT 1
