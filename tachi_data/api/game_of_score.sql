-- One row is the game of a score.
SELECT game FROM scores WHERE score_id = $score
