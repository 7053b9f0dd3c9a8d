-- Keys that songs do not have any more.
DELETE FROM song_keys AS stored
WHERE EXISTS (
    SELECT 1
    FROM gone
    WHERE gone.game = stored.game
      AND gone.song_id = stored.song_id
      AND gone.kind = stored.kind
      AND gone.key = stored.key
      AND gone.artist_folded = stored.artist_folded
)
