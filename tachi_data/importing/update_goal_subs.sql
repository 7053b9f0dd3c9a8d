-- What changed of subscriptions to goals.
UPDATE goal_subs
SET progress = changed.progress,
    progress_human = changed.progress_human,
    out_of = changed.out_of,
    out_of_human = changed.out_of_human,
    achieved = changed.achieved,
    time_achieved = changed.time_achieved,
    last_interaction = changed.last_interaction,
    was_instantly_achieved = changed.was_instantly_achieved
FROM changed
WHERE changed.user_id = goal_subs.user_id AND changed.goal_id = goal_subs.goal_id
