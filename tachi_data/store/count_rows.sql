-- How many rows the table has.
SELECT count(*) FROM {table}
