-- One row per look-up that finds a chart: the best of the candidates (catalogue's order of preference).
SELECT
    wanted.chart_look_up,
    arg_min(found.chart_id, found.preference) AS chart_id
FROM wanted
JOIN chart_keys AS found
  ON found.game = $game AND found.kind = wanted.chart_kind AND found.key = wanted.chart_key
WHERE {fits}
  AND CASE
      WHEN wanted.version IS NOT NULL THEN list_contains(found.versions, wanted.version)
      WHEN wanted.primary_only THEN found.is_primary
      ELSE true
  END
  AND NOT (wanted.official_only AND found.is_fan_made)
GROUP BY wanted.chart_look_up
