-- The statements of the road of an import. A comment says what one row of the result is.

-- name: due_on_new_charts
-- Orphans on charts that came into the catalogue are to be tried again.
UPDATE orphans
SET due = 'new chart'
FROM chart_keys AS chart
WHERE orphans.game = $game
  AND chart.game = $game
  AND list_contains($chart_ids, chart.chart_id)
  AND chart.kind = orphans.chart_kind
  AND chart.key = orphans.chart_key

-- name: fail_trackers
-- Imports that somebody keeps track of already have failed.
UPDATE import_trackers
SET status = 'FAILED', message = failed.message, status_code = failed.status_code
FROM failed
WHERE failed.import_id = import_trackers.import_id

-- name: highlight_scores
-- Scores that their players marked.
UPDATE {scores} AS stored
SET highlight = true
FROM marked
WHERE marked.user_id = stored.user_id AND marked.score_id = stored.score_id

-- name: known_orphans
-- One row per wanted orphan that is kept already.
SELECT wanted.row
FROM wanted
SEMI JOIN orphans ON orphans.user_id = wanted.user_id AND orphans.orphan_id = wanted.orphan_id

-- name: known_scores
-- One row per wanted score that needs no storing: the player has it already, with its times, or has it blacklisted.
SELECT wanted.row, false AS is_blacklisted, stored.time_achieved, stored.time_added
FROM wanted
JOIN query_table($scores) AS stored
  ON stored.user_id = wanted.user_id AND stored.score_id = wanted.score_id
UNION ALL
SELECT wanted.row, true, NULL, NULL
FROM wanted
SEMI JOIN score_blacklist AS refused
  ON refused.user_id = wanted.user_id AND refused.score_id = wanted.score_id

-- name: leave_queue
-- Forget the votes for charts that are in the catalogue now.
DELETE FROM chart_queue
USING wanted
WHERE wanted.game = chart_queue.game
  AND wanted.playtype = chart_queue.playtype
  AND wanted.sha256 = chart_queue.sha256

-- name: new_votes
-- One row is a vote of a player who has not voted for this chart before, in the order of the votes.
SELECT votes.* EXCLUDE (row)
FROM votes
ANTI JOIN chart_queue USING (game, playtype, sha256, user_id)
ORDER BY votes.row

-- name: raise_song_counter
-- Let a counter of song IDs go on above all songs that the game has.
UPDATE counters
SET value = greatest(value, (SELECT coalesce(max(song_id), 0) + 1 FROM songs WHERE game = $game))
WHERE name = $name

-- name: version_is_listed
-- A row, if any chart of the game lists this version.
SELECT 1 FROM chart_keys WHERE game = $1 AND list_contains(versions, $2) LIMIT 1

-- name: untracked
-- Failed imports that nobody keeps track of.
FROM failed ANTI JOIN import_trackers USING (import_id)

-- name: state
-- What judgements depend on: the version and the generation of the catalogue, and how many scores were ever stored, are
-- blacklisted, how many players are locked, and how often scores were corrected.
SELECT
    (SELECT coalesce(max(version), 0) FROM catalogue_versions),
    (SELECT coalesce(max_by(generation, version), 2) FROM catalogue_versions),
    (SELECT coalesce(max(value), 0) FROM counters WHERE name = 'scores'),
    (SELECT count(*) FROM score_blacklist),
    (SELECT count(*) FROM import_locks),
    (SELECT coalesce(max(value), 0) FROM counters WHERE name = 'corrections')

-- name: newer_scores
-- One row is a score of one of the players that was stored after a count of all scores ever stored.
SELECT score_id FROM score_keys SEMI JOIN players USING (user_id) WHERE ordinal >= $count LIMIT 1

-- name: lost_jobs
-- One row is an import of the set that its worker has no more: another attempt runs, or it is done.
SELECT wanted.source
FROM wanted
LEFT JOIN import_trackers AS tracker USING (import_id)
WHERE tracker.attempts IS DISTINCT FROM wanted.fence
    OR tracker.status <> 'RUNNING'
    OR wanted.import_id IN (SELECT import_id FROM imports)
