-- The statements of runs over orphans, their archive and triage. A comment says what one row of the result is.

-- name: archive
-- Settled orphans are copied to the archive with the reason.
INSERT INTO orphan_archive BY NAME
SELECT
    orphans.* REPLACE ($converter AS converter_version, NULL AS due),
    settled.reason,
    settled.score_id,
    settled.deorphaned_by,
    make_timestamp_ms($now)::TIMESTAMP_MS AS time_removed,
    $run_id AS run_id
FROM orphans
JOIN settled USING (ordinal)

-- name: rejections
-- One row is a reason why runs rejected orphans, without its values (numbers): how many, and one of them.
SELECT
    regexp_replace(
        regexp_replace(reason, '^This score has .*\n', ''), '-?[0-9]+([.,][0-9]+)*', '…', 'g'
    ) AS reason,
    count(*) AS orphans,
    min(orphan_id) AS example
FROM orphan_archive
WHERE run_id IN (SELECT unnest($run_ids::VARCHAR[])) AND score_id IS NULL
GROUP BY 1
ORDER BY orphans DESC, reason

-- name: brought
-- One row is a title or key: the numbers of its orphans that the run made scores or rejected.
SELECT
    game,
    coalesce(song_exact, song_key, chart_key) AS looked_for,
    count(score_id) AS scores,
    count(*) - count(score_id) AS removed,
    count(DISTINCT user_id) AS users
FROM orphan_archive
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY scores DESC, removed DESC, game, looked_for

-- name: find_orphan
-- One row is the orphan with this ID, waiting or archived.
SELECT *, 'waiting' AS state FROM orphans WHERE orphan_id = $1
UNION ALL BY NAME
SELECT *, 'archived' AS state FROM orphan_archive WHERE orphan_id = $1
LIMIT 1

-- name: last_run
-- One row is the last finished global run: its version of the catalogue, and its last orphan.
SELECT catalogue_version, upper
FROM orphan_runs
WHERE is_global AND status = 'FINISHED'
ORDER BY catalogue_version DESC, upper DESC
LIMIT 1

-- name: mark_failed
-- Orphans that were tried in vain get one more attempt, and the message. After five unexpected errors in a
-- row an orphan is quarantined until the catalogue or the converter changes.
UPDATE orphans
SET attempts = orphans.attempts + 1,
    last_attempt = make_timestamp_ms($now)::TIMESTAMP_MS,
    last_error = failed.message,
    catalogue_version = $version,
    converter_version = $converter,
    due = NULL,
    unexpected = CASE WHEN failed.is_unexpected THEN coalesce(orphans.unexpected, 0) + 1 ELSE 0 END,
    quarantined = failed.is_unexpected AND coalesce(orphans.unexpected, 0) + 1 >= 5
FROM failed
WHERE failed.ordinal = orphans.ordinal

-- name: page
-- One row is an orphan of the page, in stored order. Where the move to v3 gave its chart another difficulty (see
-- orphans_of_v2), the record asks for that one.
SELECT orphans.* REPLACE (
    CASE
        WHEN renamed.now IS NULL THEN data
        ELSE json_merge_patch(
            data::JSON, json_object('matchType', renamed.match_type, 'difficulty', renamed.now)
        )::VARCHAR
    END AS data
)
FROM orphans
SEMI JOIN wanted USING (ordinal)
LEFT JOIN renamed
  ON renamed.game = orphans.game
 AND renamed.chart_key = orphans.chart_key
 AND renamed.now = orphans.difficulty
 AND renamed.was = CASE WHEN json_valid(data) THEN data ->> '$.difficulty' END
ORDER BY orphans.ordinal

-- name: put_off
-- Orphans of busy players become due at the end of the run, or at the next run.
UPDATE orphans SET due = $run_id FROM busy WHERE busy.ordinal = orphans.ordinal

-- name: restorable
-- One row is a wanted archived orphan that is not a score.
SELECT * REPLACE ('restored' AS due) FROM orphan_archive SEMI JOIN wanted USING (orphan_id) WHERE score_id IS NULL

-- name: selection
-- One row is the last ordinal, and the number, of the orphans that a run selects.
SELECT coalesce(max(ordinal), -1), count(*)
FROM orphans
WHERE ($everybody OR user_id IN (SELECT user_id FROM players))
  AND ($upper IS NULL OR ordinal <= $upper)

-- name: songs_found
-- One row is a song that an orphan's look-up finds.
WITH it AS (
    FROM orphans WHERE orphan_id = $orphan_id UNION ALL BY NAME FROM orphan_archive WHERE orphan_id = $orphan_id
)
SELECT DISTINCT songs.song_id, songs.title, songs.artist
FROM it
JOIN song_keys AS found
  ON found.game = it.game AND found.kind = it.song_kind AND found.key = it.song_key
 AND (it.artist IS NULL OR found.artist_folded = it.artist)
JOIN songs ON songs.game = it.game AND songs.song_id = found.song_id
ORDER BY songs.song_id

-- name: titles
-- One row is a title of a song of these games.
SELECT game, key AS title, song_id FROM song_keys WHERE kind = 'spelling' AND list_contains($games, game)

-- name: unfinished_run
-- One row is the newest global run that is not finished.
SELECT * REPLACE (epoch_ms(lease_until::TIMESTAMP) AS lease_until)
FROM orphan_runs
WHERE is_global AND status IN ('RUNNING', 'PAUSED')
ORDER BY time_started DESC
LIMIT 1

-- name: delete_settled
-- Archived orphans are deleted from the waiting ones.
DELETE FROM orphans USING settled WHERE settled.ordinal = orphans.ordinal

-- name: start_of_run
-- One row is the time at which the run began.
SELECT time_started FROM orphan_runs WHERE run_id = $run_id

-- name: delete_run
-- The record of the run is deleted; the caller writes it again.
DELETE FROM orphan_runs WHERE run_id = $run_id

-- name: known_lines
-- One row is a line of an export whose orphan is waiting or archived.
SELECT line
FROM wanted
SEMI JOIN (
    FROM orphans SELECT user_id, orphan_id
    UNION ALL
    FROM orphan_archive SELECT user_id, orphan_id
) USING (user_id, orphan_id)

-- name: delete_restored
-- Restored orphans are deleted from the archive.
DELETE FROM orphan_archive
USING restored
WHERE restored.orphan_id = orphan_archive.orphan_id
  AND restored.user_id = orphan_archive.user_id

-- name: songs_called
-- One row is a song that is meant by other titles, with these among its own.
SELECT
    songs.* REPLACE (list_concat(any_value(songs.alt_titles), list(wanted.alt ORDER BY wanted.alt)) AS alt_titles)
FROM songs
JOIN wanted ON wanted.title = songs.title
WHERE $games IS NULL OR list_contains($games, songs.game)
GROUP BY ALL

-- name: unwanted
-- One row is the waiting orphan of a player that the player deletes, as one that becomes no score.
SELECT
    ordinal,
    'deleted by the player' AS reason,
    NULL::VARCHAR AS score_id,
    NULL::VARCHAR AS deorphaned_by
FROM orphans
WHERE user_id = $user AND orphan_id = $orphan
