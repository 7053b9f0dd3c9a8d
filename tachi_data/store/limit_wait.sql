-- Limits how long this transaction waits in PostgreSQL for any lock.
FROM postgres_query('store', $setting)
