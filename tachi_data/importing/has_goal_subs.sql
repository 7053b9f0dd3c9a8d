-- A row, if any of the players has a subscription to a goal of the game.
SELECT 1 FROM goal_subs SEMI JOIN players USING (user_id) WHERE game = $game LIMIT 1
