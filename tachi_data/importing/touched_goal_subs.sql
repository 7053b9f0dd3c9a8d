-- One row is a subscription to a goal with a chart that its player touched.
SELECT subs.*
FROM goal_subs AS subs
SEMI JOIN (
    SELECT DISTINCT touched.user_id, goal_charts.goal_id
    FROM touched
    JOIN goal_charts ON goal_charts.chart_id = touched.chart_id
) AS meant ON meant.user_id = subs.user_id AND meant.goal_id = subs.goal_id
ORDER BY subs.user_id, subs.goal_id
