-- One row is a chart with one of these IDs.
FROM charts WHERE game = $game AND chart_id IN (SELECT unnest($ids::VARCHAR[]))
