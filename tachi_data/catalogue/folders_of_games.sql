-- One row is a folder of one of the games.
SELECT folder_id, game, playtype, type, data FROM folders WHERE list_contains($games, game)
