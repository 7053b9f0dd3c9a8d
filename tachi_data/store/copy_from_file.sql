-- Appends the rows of a Parquet file to a table, by column name, in their order.
INSERT INTO {table} BY NAME FROM read_parquet({file})
