-- An import goes with the last of its scores.
DELETE FROM imports
USING doomed
WHERE
    doomed.import_id = imports.import_id
    AND NOT EXISTS (
        FROM scores WHERE scores.user_id = imports.user_id AND scores.import_id = imports.import_id
    )
