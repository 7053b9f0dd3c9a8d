-- One row per look-up and chart that it may mean, with the place in the catalogue's order of preference.
SELECT wanted.chart_look_up, found.chart_id, found.preference
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
