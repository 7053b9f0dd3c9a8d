-- The statements of loading. A comment says what one row of the result is.

-- name: orphans_by_new_rules
-- One row is the number of orphans that are to be tried again by the rules of v3.
SELECT count(*) AS orphans FROM orphans WHERE due = 'new rules'

-- name: no_more_by_new_rules
-- The others are hopeless: the catalogue has no chart for their look-up.
UPDATE orphans SET due = NULL WHERE due = 'new rules'
