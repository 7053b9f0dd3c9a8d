-- One row is a title of a song of these games.
SELECT game, key AS title, song_id FROM song_keys WHERE kind = 'title' AND list_contains($games, game)
