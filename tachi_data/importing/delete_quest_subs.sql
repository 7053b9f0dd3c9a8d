-- Subscriptions to quests go; or come back as they are now.
DELETE FROM quest_subs
USING asked
WHERE asked.user_id = quest_subs.user_id AND asked.quest_id = quest_subs.quest_id
