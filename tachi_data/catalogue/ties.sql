-- One row is a key by which several charts fit equally well, so that only the order of preference decides.
WITH versioned AS (
    SELECT game, kind, key, playtype, difficulty, unnest(versions) AS version, chart_id
    FROM chart_keys
    WHERE list_contains($games, game) AND kind IN ('song_id', 'in_game_id', 'in_game_str_id')
),
tied AS (
    SELECT game, kind, key, playtype, difficulty, version, chart_id FROM versioned
    UNION ALL
    SELECT game, kind, key, playtype, difficulty, NULL, chart_id
    FROM chart_keys
    WHERE list_contains($games, game)
      AND kind IN ('in_game_id', 'in_game_str_id')
      AND is_primary
    UNION ALL
    SELECT game, kind, key, playtype, NULL, NULL, chart_id
    FROM chart_keys
    WHERE list_contains($games, game) AND list_contains($hashes, kind)
)
SELECT game, kind, key, playtype, difficulty, version, count(*) AS charts
FROM tied
GROUP BY game, kind, key, playtype, difficulty, version
HAVING count(*) > 1
ORDER BY game, kind, key, playtype, difficulty, version
