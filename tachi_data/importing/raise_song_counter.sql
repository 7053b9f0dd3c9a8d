-- Let a counter of song IDs go on above all songs that the game has.
UPDATE counters
SET value = greatest(value, (SELECT coalesce(max(song_id), 0) + 1 FROM songs WHERE game = $game))
WHERE name = $name
