-- One row is a title by which a song of a wanted game is found.
SELECT game, key AS title, song_id FROM song_keys SEMI JOIN wanted USING (game) WHERE kind = 'title'
