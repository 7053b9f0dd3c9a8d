-- The doomed scores go.
DELETE FROM {scores} AS stored
USING doomed
WHERE doomed.user_id = stored.user_id AND doomed.score_id = stored.score_id
