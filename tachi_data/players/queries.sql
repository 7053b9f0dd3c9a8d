-- The statements of players, their tokens, accounts, settings and locks. A comment says what one row of the result is.

-- name: changed_account
-- One row is the account of a player, with the given values in place of the stored ones.
SELECT
    $user::BIGINT AS user_id,
    coalesce($username, max(username)) AS username,
    coalesce($level, max(level), 'USER') AS level
FROM accounts
WHERE user_id = $user

-- name: forget_expired
-- Sessions and codes whose time is over.
DELETE FROM web_sessions WHERE epoch_ms(time_expires::TIMESTAMP) <= $now

-- name: name_owner
-- One row is the player with this name.
SELECT user_id FROM accounts WHERE lower(username) = lower($name)

-- name: revoke_token
-- One row is the owner of a token (given itself or its ID), which is gone.
DELETE FROM api_tokens
WHERE (token_hash = $hash OR (len($token) = 12 AND token_hash[:12] = $token))
  AND ($user IS NULL OR user_id = $user)
RETURNING user_id

-- name: tokens
-- One row is a token, without its secret.
SELECT token_hash[:12] AS token_id, user_id, identifier, permissions, time_created, time_expires
FROM api_tokens
WHERE $user IS NULL OR user_id = $user
ORDER BY time_created

-- name: use_code
-- One row is the owner of a code, which is gone.
DELETE FROM web_sessions
WHERE secret_hash = $hash AND is_code AND epoch_ms(time_expires::TIMESTAMP) > $now
RETURNING user_id

-- name: games_played
-- One row is a game of which the player (any player, where $user is null) has rows in the view.
SELECT DISTINCT game FROM query_table($view) WHERE $user IS NULL OR user_id = $user

-- name: users
-- One row is the public document of a player; who has no name is called by number.
SELECT
    users.user_id AS id,
    coalesce(accounts.username, users.user_id::VARCHAR) AS username,
    lower(coalesce(accounts.username, users.user_id::VARCHAR)) AS "usernameLowercase",
    epoch_ms(users.time_added::TIMESTAMP) AS "joinDate",
    CASE coalesce(accounts.level, 'USER') WHEN 'ADMIN' THEN 3 WHEN 'BANNED' THEN 0 ELSE 1 END AS "authLevel"
FROM users
LEFT JOIN accounts ON accounts.user_id = users.user_id
WHERE users.user_id IN (SELECT unnest($ids::BIGINT[]))
ORDER BY users.user_id

-- name: settings
-- One row is the settings of a player for a game client.
SELECT settings FROM client_settings WHERE user_id = $user AND client = $client

-- name: held_locks
-- One row is a wanted user whose import lock is held, by whom, and until when.
SELECT held.user_id, held.holder, held.lease_until
FROM import_locks AS held
SEMI JOIN wanted ON wanted.user_id = held.user_id
WHERE epoch_ms(held.lease_until::TIMESTAMP) > $now

-- name: delete_locks
-- Locks of players.
DELETE FROM import_locks USING held WHERE held.user_id = import_locks.user_id

-- name: release_locks
-- All locks of one holder.
DELETE FROM import_locks WHERE holder = $holder

-- name: delete_account
-- What is known of an account goes, to be written again.
DELETE FROM accounts WHERE user_id = $user

-- name: delete_session
-- A browser is logged out.
DELETE FROM web_sessions WHERE secret_hash = $hash

-- name: unknown_users
-- One row is a wanted player who is not stored.
FROM wanted ANTI JOIN users USING (user_id)

-- name: add_users
-- Players that are not stored yet are stored.
INSERT INTO users BY NAME
FROM wanted ANTI JOIN users USING (user_id)

-- name: delete_settings
-- The settings of a game client go, to be written again.
DELETE FROM client_settings WHERE user_id = $user AND client = $client

-- name: delete_integration
-- An integration goes; one row if there was one.
DELETE FROM integrations WHERE user_id = $user AND service = $service RETURNING user_id

-- name: integrations
-- One row is an integration, without its secrets, of one player or (null) of all.
SELECT user_id, service, time_changed
FROM integrations
WHERE $user IS NULL OR user_id = $user
ORDER BY user_id, service

-- name: credentials
-- What an integration needs, encrypted.
SELECT credentials FROM integrations WHERE user_id = $user AND service = $service

-- name: callers
-- One row is a wanted token or session that is valid, with the rights of its owner.
WITH valid AS (
    SELECT false AS is_session, token_hash AS secret_hash, user_id, permissions, time_expires
    FROM api_tokens
    UNION ALL
    SELECT true, secret_hash, user_id, []::VARCHAR[], time_expires
    FROM web_sessions
    WHERE NOT is_code
)
SELECT valid.is_session, valid.secret_hash, valid.user_id, valid.permissions, accounts.level
FROM valid
SEMI JOIN wanted
  ON wanted.secret_hash = valid.secret_hash AND wanted.is_session = valid.is_session
LEFT JOIN accounts ON accounts.user_id = valid.user_id
WHERE valid.time_expires IS NULL OR epoch_ms(valid.time_expires::TIMESTAMP) > $now

-- name: time_stops
-- One row is a time stop of the player, in Unix milliseconds.
SELECT import_type, epoch_ms(last_score_time::TIMESTAMP) AS last_score_time
FROM time_stops
WHERE user_id = $user

-- name: delete_time_stops
-- These time stops are deleted; the caller may write them again.
DELETE FROM time_stops AS stored
USING stops
WHERE stops.user_id = stored.user_id AND stops.import_type = stored.import_type

-- name: raised_time_stops
-- One row is a time stop that is later than the stored one, or new.
SELECT newest.*
FROM newest
LEFT JOIN time_stops AS stored USING (user_id, import_type)
WHERE stored.last_score_time IS NULL OR stored.last_score_time < newest.last_score_time

-- name: rivals
-- One row is a rival of the player on one of the wanted games and playtypes.
SELECT rival_id
FROM rivals
SEMI JOIN wanted USING (game, playtype)
WHERE user_id = $user
GROUP BY rival_id
ORDER BY min(ordinal), rival_id

-- name: delete_rivals
-- The rivals of the player on the game and playtype are deleted; the caller writes others.
DELETE FROM rivals WHERE user_id = $user AND game = $game AND playtype = $playtype

-- name: all_locks
-- One row is a lock, and whether its lease still runs.
SELECT user_id, holder, lease_until, epoch_ms(lease_until::TIMESTAMP) > $now AS is_held
FROM import_locks
ORDER BY user_id

-- name: all_credentials
-- One row is a link with its encrypted credentials.
FROM integrations

-- name: delete_integrations
-- All links are deleted; the caller writes them again.
DELETE FROM integrations
