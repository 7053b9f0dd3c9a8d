-- Subscriptions to goals go; or come back as they are now.
DELETE FROM goal_subs
USING asked
WHERE asked.user_id = goal_subs.user_id AND asked.goal_id = goal_subs.goal_id
