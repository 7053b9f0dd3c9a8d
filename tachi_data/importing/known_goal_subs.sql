-- One row is an asked-for goal that the player is subscribed to.
SELECT subs.user_id, subs.goal_id, subs.achieved, subs.was_assigned_standalone
FROM goal_subs AS subs
SEMI JOIN asked ON asked.user_id = subs.user_id AND asked.goal_id = subs.goal_id
