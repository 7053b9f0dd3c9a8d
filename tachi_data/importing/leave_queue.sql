-- Forget the votes for charts that are in the catalogue now.
DELETE FROM chart_queue
USING wanted
WHERE wanted.game = chart_queue.game
  AND wanted.playtype = chart_queue.playtype
  AND wanted.sha256 = chart_queue.sha256
