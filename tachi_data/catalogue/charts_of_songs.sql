-- One row is a chart of a song that changed.
SELECT game, chart_id AS id
FROM charts AS stored
WHERE EXISTS (
    SELECT 1
    FROM changed_songs AS changed
    WHERE changed.game = stored.game AND changed.id = stored.song_id
)
