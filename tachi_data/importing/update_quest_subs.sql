-- What changed of subscriptions to quests.
UPDATE quest_subs
SET progress = changed.progress,
    achieved = changed.achieved,
    time_achieved = changed.time_achieved,
    last_interaction = changed.last_interaction,
    was_instantly_achieved = changed.was_instantly_achieved
FROM changed
WHERE changed.user_id = quest_subs.user_id AND changed.quest_id = quest_subs.quest_id
