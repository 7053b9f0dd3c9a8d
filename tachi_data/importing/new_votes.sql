-- One row is a vote of a player who has not voted for this chart before, in the order of the votes.
SELECT votes.* EXCLUDE (row)
FROM votes
ANTI JOIN chart_queue USING (game, playtype, sha256, user_id)
ORDER BY votes.row
