-- The views for people: stored rows of all games with the titles and levels of the catalogue.
-- A statement of ours that needs no title reads `all_scores` or `pbs`, which join nothing.

-- name: scores
-- One row is a score. What its game lacks, such as a grade, is null; so is the title of an unknown song.
CREATE OR REPLACE VIEW scores AS
SELECT
    plays.user_id,
    plays.game,
    plays.playtype,
    songs.title,
    songs.artist,
    charts.difficulty,
    charts.level,
    charts.level_num,
    plays.* EXCLUDE (user_id, game, playtype, value)
FROM all_scores AS plays
LEFT JOIN songs ON songs.game = plays.game AND songs.song_id = plays.song_id
LEFT JOIN charts ON charts.game = plays.game AND charts.chart_id = plays.chart_id

-- name: personal_bests
-- One row is a player's personal best on a chart.
CREATE OR REPLACE VIEW personal_bests AS
SELECT
    bests.user_id,
    bests.game,
    bests.playtype,
    songs.title,
    songs.artist,
    charts.difficulty,
    charts.level,
    charts.level_num,
    bests.* EXCLUDE (user_id, game, playtype, value)
FROM pbs AS bests
LEFT JOIN songs ON songs.game = bests.game AND songs.song_id = bests.song_id
LEFT JOIN charts ON charts.game = bests.game AND charts.chart_id = bests.chart_id

-- name: history
-- One row is a score, with its number among the player's scores on the chart by time, and whether no earlier one
-- of these is as good by the metric that the game compares by. Scores without a time come last.
CREATE OR REPLACE VIEW history AS
SELECT
    scores.*,
    places.attempt,
    places.is_best
FROM (
    SELECT
        user_id,
        game,
        chart_id,
        score_id,
        row_number() OVER earlier AS attempt,
        value > coalesce(
            max(value) OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1
        ) AS is_best
    FROM all_scores
    WINDOW earlier AS (
        PARTITION BY user_id, game, chart_id ORDER BY time_achieved NULLS LAST, ordinal
    )
) AS places
JOIN scores USING (user_id, game, chart_id, score_id)

-- name: ratings
-- One row is a rating or a class of a player's profile in a game and playtype. A rating is a value, a class is a
-- rank.
CREATE OR REPLACE VIEW ratings AS
WITH facts AS (
    SELECT user_id, game, playtype, 'rating' AS kind, ratings AS members FROM game_stats
    UNION ALL
    SELECT user_id, game, playtype, 'class' AS kind, classes AS members FROM game_stats
),
named AS (
    SELECT *, unnest(json_keys(members)) AS name FROM facts
)
SELECT
    user_id,
    game,
    playtype,
    kind,
    name,
    CASE WHEN kind = 'rating' THEN (members ->> name)::DOUBLE END AS value,
    CASE WHEN kind = 'class' THEN members ->> name END AS rank
FROM named
