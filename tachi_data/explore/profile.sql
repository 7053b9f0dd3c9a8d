-- One row is a rating or a class of the player in a game and playtype.
WITH facts AS (
    SELECT game, playtype, 'rating' AS kind, ratings AS members FROM game_stats WHERE user_id = $user
    UNION ALL
    SELECT game, playtype, 'class' AS kind, classes AS members FROM game_stats WHERE user_id = $user
),
named AS (
    SELECT game, playtype, kind, members, unnest(json_keys(members)) AS name FROM facts
)
SELECT
    game,
    playtype,
    kind,
    name,
    CASE
        WHEN kind = 'rating' THEN format('{:.2f}', (members ->> name)::DOUBLE)
        ELSE members ->> name
    END AS value
FROM named
ORDER BY game, playtype, kind DESC, name
