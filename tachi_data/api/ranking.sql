-- One row is a personal best on a chart, with what its first score says about how it was played.
SELECT pbs.*, scores.score_meta AS base_score_meta
FROM query_table($pbs) AS pbs
LEFT JOIN query_table($scores) AS scores
    ON scores.chart_id = $chart
    AND scores.user_id = pbs.user_id
    AND scores.score_id = pbs.composed_from[1].score_id
WHERE pbs.chart_id = $chart
