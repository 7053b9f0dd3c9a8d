-- One row is an asked-for quest that the player is subscribed to.
SELECT subs.user_id, subs.quest_id, subs.achieved
FROM quest_subs AS subs
SEMI JOIN asked ON asked.user_id = subs.user_id AND asked.quest_id = subs.quest_id
