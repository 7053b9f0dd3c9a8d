-- One row per wanted orphan that is kept already.
SELECT wanted.row
FROM wanted
SEMI JOIN orphans ON orphans.user_id = wanted.user_id AND orphans.orphan_id = wanted.orphan_id
