-- One row is a chart that a key finds, the preferred one first.
SELECT charts.*
FROM charts
JOIN (
    SELECT chart_id, min(preference) AS preference
    FROM chart_keys
    WHERE game = $game AND kind = $kind AND key = $key
    GROUP BY chart_id
) AS found ON found.chart_id = charts.chart_id
WHERE charts.game = $game
ORDER BY found.preference, charts.chart_id
