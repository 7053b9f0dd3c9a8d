-- One row is an orphan of the page, in stored order.
SELECT orphans.* FROM orphans SEMI JOIN wanted USING (ordinal) ORDER BY ordinal
