-- One row is a personal best of one of the players, with what profile ratings are made of.
SELECT stored.user_id, stored.playtype, stored.chart_id, stored.song_id, stored.is_primary, stored.ratings
FROM query_table($pbs) AS stored
SEMI JOIN players ON players.user_id = stored.user_id AND players.playtype = stored.playtype
