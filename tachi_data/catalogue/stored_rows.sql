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
