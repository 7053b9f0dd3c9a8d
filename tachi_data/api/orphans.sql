-- One row is one of a player's newest orphans, with what was looked for.
SELECT
    orphan_id AS "orphanID",
    import_type AS "importType",
    game,
    message AS "errMsg",
    coalesce(song_kind, chart_kind) AS kind,
    coalesce(song_exact, song_key, chart_key) AS looked_for,
    difficulty,
    epoch_ms(time_inserted::TIMESTAMP) AS "timeInserted"
FROM orphans
WHERE user_id = $user
ORDER BY ordinal DESC
LIMIT 500
