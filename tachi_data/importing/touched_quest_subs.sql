-- One row is a player's subscription to a quest on one of the touched playtypes.
SELECT subs.*
FROM quest_subs AS subs
SEMI JOIN players ON players.user_id = subs.user_id AND players.playtype = subs.playtype
WHERE subs.game = $game
ORDER BY subs.user_id, subs.quest_id
