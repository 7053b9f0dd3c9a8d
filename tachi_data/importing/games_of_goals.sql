-- One row is a wanted goal with its game.
SELECT DISTINCT goals.goal_id AS id, goals.game FROM goals SEMI JOIN wanted ON wanted.id = goals.goal_id
