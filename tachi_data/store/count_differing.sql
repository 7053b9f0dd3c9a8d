-- How many rows only the table or only the Parquet file has; of repeated rows, each counts. Columns and
-- members of structs are compared by name, as the two may have got them in another order.
WITH taken AS (
    (FROM {table} LIMIT 0) UNION ALL BY NAME (FROM read_parquet({file}))
)
SELECT count(*)
FROM ((FROM {table} EXCEPT ALL FROM taken) UNION ALL (FROM taken EXCEPT ALL FROM {table}))
