-- One row is a wanted archived orphan that did not become a score.
SELECT * REPLACE ('restored' AS due) FROM orphan_archive SEMI JOIN wanted USING (orphan_id) WHERE score_id IS NULL
