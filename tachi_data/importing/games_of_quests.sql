-- One row is a wanted quest with its game.
SELECT DISTINCT quests.quest_id AS id, quests.game FROM quests SEMI JOIN wanted ON wanted.id = quests.quest_id
