-- The statements of sessions, personal bests and profiles. A comment says what one row of the result is.

-- name: delete_pbs
-- Personal bests of touched players on touched charts are deleted; the caller writes them again.
DELETE FROM {pbs} AS stored
USING touched
WHERE touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id

-- name: delete_sessions
-- The doomed sessions are deleted.
DELETE FROM sessions
USING doomed
WHERE doomed.session_id = sessions.session_id AND doomed.user_id = sessions.user_id

-- name: delete_stats
-- Profiles of the players are deleted; the caller writes them again.
DELETE FROM game_stats
USING players
WHERE game_stats.game = $game
  AND players.user_id = game_stats.user_id
  AND players.playtype = game_stats.playtype

-- name: narrow_sessions
-- Each changed session gets the bounds and ratings of the scores that remain in it.
UPDATE sessions
SET time_started = changed.time_started, time_ended = changed.time_ended, ratings = changed.ratings
FROM changed
WHERE sessions.session_id = changed.session_id AND sessions.user_id = changed.user_id

-- name: pbs_of_players
-- One row is a personal best of one of the players, with the columns that profile ratings need.
SELECT stored.user_id, stored.playtype, stored.chart_id, stored.song_id, stored.is_primary, stored.ratings
FROM query_table($pbs) AS stored
SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype

-- name: scores_on_charts
-- One row is a stored score of a touched player on a touched chart.
SELECT COLUMNS($columns)
FROM query_table($scores) AS stored
SEMI JOIN touched ON touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id

-- name: session_remains
-- One row is a score that remains in one of the wanted sessions.
SELECT stored.session_id, stored.user_id, stored.playtype, stored.time_achieved, stored.ratings
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.session_id = stored.session_id

-- name: stats_of_players
-- One row is a player's stored profile.
SELECT stored.user_id, stored.playtype, stored.classes
FROM game_stats AS stored
SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype
WHERE stored.game = $game

-- name: widen_sessions
-- Each changed session is widened to its new scores, and gets its new ratings.
UPDATE sessions
SET time_started = least(sessions.time_started, changed.time_started),
    time_ended = greatest(sessions.time_ended, changed.time_ended),
    ratings = changed.ratings
FROM changed
WHERE sessions.session_id = changed.session_id AND sessions.user_id = changed.user_id

-- name: place_scores
-- Each placed score gets its session and its place in the session.
UPDATE {scores} AS stored
SET session_id = placed.session_id, session_position = placed.session_position
FROM placed
WHERE stored.user_id = placed.user_id AND stored.score_id = placed.score_id
