-- One row is a song with one of these IDs.
FROM songs WHERE game = $game AND song_id IN (SELECT unnest($ids::BIGINT[]))
