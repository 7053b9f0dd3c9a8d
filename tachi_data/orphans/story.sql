-- One row is an event in the story of the orphan, in order.
WITH it AS (
    SELECT *, NULL AS reason, NULL AS time_removed, NULL AS score_id, NULL AS run_id
    FROM orphans WHERE orphan_id = $orphan_id
    UNION ALL BY NAME
    SELECT * FROM orphan_archive WHERE orphan_id = $orphan_id
),
events AS (
    SELECT
        it.time_inserted AS moment, 0 AS step,
        CASE
            WHEN imports.import_id IS NOT NULL
            THEN format('It came with import {} ({}) of player {}', it.import_id, it.import_type, it.user_id)
            ELSE format('It was taken in as history ({}) of player {}', it.import_type, it.user_id)
        END || coalesce(': ' || it.message, '.') AS what
    FROM it LEFT JOIN imports USING (import_id)
    UNION ALL
    SELECT
        last_attempt, 1,
        format('It was tried {} times, last with version {} of the catalogue: ', attempts, catalogue_version)
        || coalesce(last_error, 'no chart')
    FROM it WHERE attempts > 0
    UNION ALL
    SELECT last_attempt, 2, 'It is quarantined: after that many unexpected errors it waits for a change of the catalogue or of tachi_data.'
    FROM it WHERE coalesce(quarantined, false)
    UNION ALL
    SELECT NULL, 3, 'It is due at the next run: ' || CASE WHEN due IN ('restored', 'new chart', 'new rules') THEN due ELSE 'its player was busy' END || '.'
    FROM it WHERE due IS NOT NULL
    UNION ALL
    SELECT
        time_removed, 4,
        CASE
            WHEN score_id IS NOT NULL THEN format('Run {} made it score {}.', run_id, score_id)
            WHEN run_id IS NULL THEN 'It was put away: ' || reason || '.'
            ELSE format('Run {} rejected it: ', run_id) || reason
        END
    FROM it WHERE time_removed IS NOT NULL
)
SELECT moment, what FROM events ORDER BY step
