-- One row is a stored key of a song of one of the games.
SELECT game, kind, key, artist_folded, song_id FROM song_keys WHERE list_contains($games, game)
