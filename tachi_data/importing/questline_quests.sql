-- One row is a quest of a questline, in its order.
SELECT questline_id, name, game, unnest(quests) AS quest_id
FROM (FROM questlines ORDER BY game, playtype, name, questline_id)
