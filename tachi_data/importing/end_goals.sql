-- The asked-for subscriptions to goals go.
DELETE FROM goal_subs
USING asked
WHERE asked.user_id = goal_subs.user_id AND asked.goal_id = goal_subs.goal_id
