-- Writes a table to a Parquet file; the result is how many rows it has.
COPY (FROM {table}) TO {file} (FORMAT parquet, COMPRESSION zstd)
