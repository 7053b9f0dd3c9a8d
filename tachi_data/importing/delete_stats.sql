-- Profiles of touched players go, to be written anew.
DELETE FROM game_stats
USING players
WHERE game_stats.game = $game
  AND players.user_id = game_stats.user_id
  AND players.playtype = game_stats.playtype
