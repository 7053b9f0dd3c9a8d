-- The statements of the catalogue. A comment says what one row of the result is.

-- name: charts
-- One row is a wanted chart of a game, with the data of its song.
SELECT
    chart.chart_id,
    chart.song_id,
    chart.playtype,
    chart.difficulty,
    chart.level_num,
    chart.is_primary,
    chart.data AS chart_data,
    song.data AS song_data,
    song.song_id IS NOT NULL AS has_song
FROM charts AS chart
LEFT JOIN songs AS song ON song.game = chart.game AND song.song_id = chart.song_id
WHERE chart.game = $game
  AND ($everything OR chart.chart_id IN (SELECT chart_id FROM wanted_charts))

-- name: charts_of_songs
-- One row is a chart of a song that changed.
SELECT game, chart_id AS id
FROM charts AS stored
WHERE EXISTS (
    SELECT 1
    FROM changed_songs AS changed
    WHERE changed.game = stored.game AND changed.id = stored.song_id
)

-- name: current_version
-- The version of the catalogue; 0 before anything was loaded.
SELECT coalesce(max(version), 0) FROM catalogue_versions

-- name: current_generation
-- The form of the seeds that the catalogue was loaded from, 2 or 3; 2 before anything was loaded.
SELECT coalesce(max_by(generation, version), 2) FROM catalogue_versions

-- name: delete_chart_keys
-- All keys of the touched charts. (With an OR, these two statements would take ten times as long.)
DELETE FROM chart_keys AS stored
WHERE EXISTS (
    SELECT 1 FROM touched WHERE touched.game = stored.game AND touched.id = stored.chart_id
);

-- The keys whose order of preference is made again.
DELETE FROM chart_keys AS stored
WHERE EXISTS (
    SELECT 1
    FROM new_keys
    WHERE new_keys.game = stored.game AND new_keys.kind = stored.kind AND new_keys.key = stored.key
)

-- name: delete_folder_charts
-- What is in folders that changed. (With an OR, these two statements would take ten times as long.)
DELETE FROM folder_charts AS stored
WHERE EXISTS (
    SELECT 1
    FROM changed_folders AS changed
    WHERE changed.game = stored.game AND changed.id = stored.folder_id
);

-- Where the touched charts are.
DELETE FROM folder_charts AS stored
WHERE EXISTS (
    SELECT 1 FROM touched WHERE touched.game = stored.game AND touched.id = stored.chart_id
)

-- name: delete_rows
-- Rows of documents that are removed, or inserted again.
DELETE FROM {table} AS stored
WHERE EXISTS (SELECT 1 FROM gone WHERE gone.game = stored.game AND gone.id = stored.{id})

-- name: delete_song_keys
-- Keys that songs do not have any more.
DELETE FROM song_keys AS stored
WHERE EXISTS (
    SELECT 1
    FROM gone
    WHERE gone.game = stored.game
      AND gone.song_id = stored.song_id
      AND gone.kind = stored.kind
      AND gone.key = stored.key
      AND gone.artist_folded = stored.artist_folded
)

-- name: folders_of_games
-- One row is a folder of one of the games whose charts can be found.
SELECT folder_id, game, playtype, type, data
FROM folders
WHERE list_contains($games, game) AND type <> 'unreadable'

-- name: games_of_other_seeds
-- One row is a game that has charts from files, and is none of the games.
SELECT DISTINCT game
FROM charts
WHERE origin = 'seeds' AND NOT list_contains($games, game)
ORDER BY game

-- name: legacy_ids
-- One row is a v3 identifier that documents name, with what the store knows it as.
SELECT 'songs' AS collection, stored.v3_id, CAST(stored.song_id AS VARCHAR) AS id
FROM songs AS stored
SEMI JOIN named ON named.v3_id = stored.v3_id
UNION ALL
SELECT 'charts', stored.v3_id, stored.chart_id
FROM charts AS stored
SEMI JOIN named ON named.v3_id = stored.v3_id
UNION ALL
SELECT 'folders', stored.v3_id, stored.folder_id
FROM folders AS stored
SEMI JOIN named ON named.v3_id = stored.v3_id

-- name: moved_charts
-- One row is a new chart that the store has under another game or playtype.
SELECT new_charts.chart_id, new_charts.game, new_charts.playtype, stored.game AS stored_game,
    stored.playtype AS stored_playtype
FROM new_charts
JOIN charts AS stored USING (chart_id)
WHERE stored.game <> new_charts.game OR stored.playtype <> new_charts.playtype
ORDER BY new_charts.chart_id

-- name: neighbours
-- One row is a stored key of an untouched chart that shares it with a new or changed chart.
SELECT stored.*
FROM chart_keys AS stored
WHERE EXISTS (
    SELECT 1
    FROM new_keys
    WHERE new_keys.game = stored.game AND new_keys.kind = stored.kind AND new_keys.key = stored.key
)
  AND NOT EXISTS (
    SELECT 1 FROM touched WHERE touched.game = stored.game AND touched.id = stored.chart_id
)

-- name: set_v3_ids
-- Rows that are as they were, but have another v3 identifier.
UPDATE {table} AS stored
SET v3_id = identified.v3_id
FROM identified
WHERE identified.game = stored.game AND identified.id = stored.{id}

-- name: songs_of_games
-- One row is a song of one of the games.
SELECT game, song_id, title, artist, alt_titles, data, v3_id FROM songs WHERE list_contains($games, game)

-- name: status
-- One row is a game that has songs or charts.
WITH songs_of AS (SELECT game, count(*) AS songs FROM songs GROUP BY game),
charts_of AS (SELECT game, count(*) AS charts FROM charts GROUP BY game),
changed AS (
    SELECT unnest(games) AS game, version, loaded_at FROM catalogue_versions
),
latest AS (
    SELECT game, max(version) AS version, max(loaded_at) AS loaded_at FROM changed GROUP BY game
)
SELECT
    coalesce(songs_of.game, charts_of.game) AS game,
    coalesce(songs_of.songs, 0) AS songs,
    coalesce(charts_of.charts, 0) AS charts,
    latest.version,
    latest.loaded_at,
    (SELECT coalesce(max_by(generation, version), 2) FROM catalogue_versions) AS generation
FROM songs_of
FULL JOIN charts_of ON charts_of.game = songs_of.game
LEFT JOIN latest ON latest.game = coalesce(songs_of.game, charts_of.game)
ORDER BY 1

-- name: stored_rows
-- One row is a stored document that may be replaced or removed.
SELECT game, {id} AS id, digest, origin
FROM {table} AS stored
WHERE list_contains($games, game)
UNION ALL
SELECT game, {id} AS id, digest, origin
FROM {table} AS stored
WHERE NOT list_contains($games, game)
  AND EXISTS (
      SELECT 1 FROM new_rows WHERE new_rows.game = stored.game AND new_rows.{id} = stored.{id}
  )

-- name: stored_v3_ids
-- One row is a stored document of the new ones, with its v3 identifier.
SELECT stored.game, stored.{id} AS id, stored.v3_id
FROM {table} AS stored
SEMI JOIN new_rows ON new_rows.game = stored.game AND new_rows.{id} = stored.{id}
WHERE stored.v3_id IS NOT NULL

-- name: stored_song_keys
-- One row is a stored key of a song of one of the games.
SELECT game, kind, key, artist_folded, song_id FROM song_keys WHERE list_contains($games, game)

-- name: noted_rules
-- One row is a game with its rules of today: whether the note is right, and whether it has to be kept, since there
-- are scores that follow the noted rules. Who has scores of a game has a profile of it.
WITH played AS (SELECT DISTINCT game FROM game_stats)
SELECT
    wanted.*,
    coalesce(
        stored.generation = wanted.generation AND stored.rules_version = wanted.rules_version, false
    ) AS is_right,
    played.game IS NOT NULL AS has_scores,
    stored.game IS NOT NULL AND (is_right OR has_scores) AS is_kept
FROM wanted
LEFT JOIN game_rules AS stored ON stored.game = wanted.game
LEFT JOIN played ON played.game = wanted.game
ORDER BY wanted.game

-- name: delete_rules
-- The notes of these games are deleted; the caller writes others.
DELETE FROM game_rules AS stored USING doomed WHERE doomed.game = stored.game

-- name: stale_games
-- One row is a game with scores that follow older rules; without a note they follow the first ones of v2.
WITH played AS (SELECT DISTINCT game FROM game_stats)
SELECT wanted.game
FROM wanted
SEMI JOIN played USING (game)
LEFT JOIN game_rules AS stored USING (game)
WHERE coalesce(stored.generation, 2) <> wanted.generation
   OR coalesce(stored.rules_version, 1) <> wanted.rules_version
ORDER BY wanted.game

-- name: subscribed_goals
-- One row is a goal that a player is subscribed to.
FROM goals SEMI JOIN goal_subs USING (game, goal_id)

-- name: goals_left_behind
-- Goals of the files of v2 that are not replaced yet are as those that stay from v2.
UPDATE goals SET origin = 'v2' WHERE origin = 'seeds' AND NOT list_contains($games, game)

-- name: delete_forgotten_goals
-- Goals that stayed from v2 though nobody has them, and that no quest has, go once v3 brings goals of the game.
DELETE FROM goals
WHERE origin = 'v2'
  AND list_contains($games, game)
  AND goal_id NOT IN (SELECT goal_id FROM goal_subs)
  AND goal_id NOT IN (SELECT unnest(json_extract_string(quest_data, '$[*].goals[*].goalID')) FROM quests)

-- name: lost_goals
-- One row is one of these goals that the catalogue does not have any more; it stays, as one of v2.
SELECT * REPLACE ('v2' AS origin) FROM subscribed ANTI JOIN goals USING (game, goal_id)

-- name: goals_on_moved_values
-- One row is a goal that is not from the new files, on a value that has another index since v3.
SELECT goals.game, goals.playtype, goals.goal_id, goals.criteria_mode AS mode, moved.now
FROM goals
JOIN moved
  ON moved.game = goals.game
 AND moved.playtype = goals.playtype
 AND moved.key = goals.criteria_key
 AND moved.was = goals.criteria_value
WHERE coalesce(goals.criteria_source, 'score') = 'score'
  AND NOT (goals.origin = 'seeds' AND list_contains($games, goals.game))

-- name: move_goal_subs
-- What such goals are out of is an index of v3 from now on; the progress is derived again with the scores.
UPDATE goal_subs
SET out_of = asked.now
FROM asked
WHERE asked.game = goal_subs.game AND asked.goal_id = goal_subs.goal_id AND asked.mode = 'single'

-- name: move_goals
-- These goals ask for the index of v3 from now on. Their digest says so, as their document does not.
UPDATE goals
SET criteria_value = asked.now,
    digest = CASE WHEN ends_with(digest, ' in v2') THEN left(digest, -6) ELSE digest || ' in v3' END
FROM asked
WHERE asked.game = goals.game AND asked.goal_id = goals.goal_id

-- name: orphans_of_v2
-- All orphans are tried again by the rules of v3. Some charts have another difficulty there.
UPDATE orphans
SET due = 'new rules',
    difficulty = coalesce(
        (
            SELECT renamed.now
            FROM renamed
            WHERE renamed.game = orphans.game
              AND renamed.chart_key = orphans.chart_key
              AND renamed.was = orphans.difficulty
        ),
        orphans.difficulty
    )
