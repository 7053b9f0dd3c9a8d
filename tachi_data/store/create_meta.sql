-- One row is a fact about the store itself: its schema version, or the fingerprint of declarations
-- of tables that it is known to satisfy.
CREATE TABLE store_meta (key VARCHAR, value VARCHAR);
