-- One row is a goal of the game that one of the players is subscribed to.
SELECT DISTINCT goal_id FROM goal_subs SEMI JOIN players USING (user_id) WHERE game = $game
