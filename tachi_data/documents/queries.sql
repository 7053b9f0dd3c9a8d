-- The statements of documents. A comment says what one row of the result is.

-- name: import_and_owner
-- One row is the import with this ID, and its player.
SELECT import_id, user_id FROM imports WHERE import_id = $id
