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

-- name: merge_pbs
-- The personal bests of players on charts are new, or take the place of the earlier ones.
MERGE INTO {pbs} AS stored
USING merged ON merged.user_id = stored.user_id AND merged.chart_id = stored.chart_id
WHEN MATCHED THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME

-- name: merge_sessions
-- Each session is new, or is widened to its new scores and gets its new ratings.
MERGE INTO sessions
USING merged ON merged.session_id = sessions.session_id AND merged.user_id = sessions.user_id
WHEN MATCHED THEN UPDATE SET
    time_started = least(sessions.time_started, merged.time_started),
    time_ended = greatest(sessions.time_ended, merged.time_ended),
    ratings = merged.ratings
WHEN NOT MATCHED THEN INSERT BY NAME

-- name: merge_stats
-- The profiles of players are new, or take the place of the earlier ones.
MERGE INTO game_stats AS stored
USING merged
  ON merged.game = stored.game
 AND merged.user_id = stored.user_id
 AND merged.playtype = stored.playtype
WHEN MATCHED THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME

-- name: narrow_sessions
-- Each changed session gets the bounds and ratings of the scores that remain in it.
UPDATE sessions
SET time_started = changed.time_started, time_ended = changed.time_ended, ratings = changed.ratings
FROM changed
WHERE sessions.session_id = changed.session_id AND sessions.user_id = changed.user_id

-- name: session_remains
-- One row is a score that remains in one of the wanted sessions.
SELECT stored.session_id, stored.user_id, stored.playtype, stored.time_achieved, stored.ratings
FROM query_table($scores) AS stored
SEMI JOIN wanted ON wanted.user_id = stored.user_id AND wanted.session_id = stored.session_id

-- name: place_scores
-- Each placed score gets its session and its place in the session.
UPDATE {scores} AS stored
SET session_id = placed.session_id, session_position = placed.session_position
FROM placed
WHERE stored.user_id = placed.user_id AND stored.score_id = placed.score_id
