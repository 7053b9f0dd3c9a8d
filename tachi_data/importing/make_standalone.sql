-- Subscriptions that came with a quest are now the player's own wish too.
UPDATE goal_subs
SET was_assigned_standalone = true
FROM asked
WHERE asked.user_id = goal_subs.user_id AND asked.goal_id = goal_subs.goal_id
