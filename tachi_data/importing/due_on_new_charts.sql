-- Orphans on charts that came into the catalogue are to be tried again.
UPDATE orphans
SET due = 'new chart'
FROM chart_keys AS chart
WHERE orphans.game = $game
  AND chart.game = $game
  AND list_contains($chart_ids, chart.chart_id)
  AND chart.kind = orphans.chart_kind
  AND chart.key = orphans.chart_key
