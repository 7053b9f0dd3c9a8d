-- Waits in PostgreSQL for the turn to write, which ends with the transaction. PostgreSQL queues
-- those who wait in order, and ends the turn of a lost connection. (Any number does that nobody
-- else takes in the database of the catalogue.)
FROM postgres_query('store', 'SELECT 1 AS turn FROM pg_advisory_xact_lock(7482031)')
