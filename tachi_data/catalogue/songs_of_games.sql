-- One row is a song of one of the games.
SELECT game, song_id, title, artist, alt_titles, data FROM songs WHERE list_contains($games, game)
