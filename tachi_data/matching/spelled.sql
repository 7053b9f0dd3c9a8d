-- Those songs that are spelled exactly as the look-up has it.
SELECT wanted.song_look_up, wanted.song_id
FROM wanted
SEMI JOIN song_keys AS exact
  ON exact.game = $game AND exact.kind = 'title' AND exact.key = wanted.song_exact
 AND exact.song_id = wanted.song_id
