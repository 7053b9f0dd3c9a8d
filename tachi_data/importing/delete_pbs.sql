-- Personal bests of touched players on touched charts go, to be written anew.
DELETE FROM {pbs} AS stored
USING touched
WHERE touched.user_id = stored.user_id AND touched.chart_id = stored.chart_id
