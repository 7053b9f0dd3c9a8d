-- One row is a player's stored profile.
SELECT stored.user_id, stored.playtype, stored.classes
FROM game_stats AS stored
SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype
WHERE stored.game = $game
