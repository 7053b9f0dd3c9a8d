"""Appending frames to tables."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store._sql import identifier, load_sql

_NAME = "inserted_rows"


def insert(con: DuckDBPyConnection, table_name: str, rows: pl.DataFrame) -> None:
    """Append rows to a table, by column name; columns that the frame lacks are NULL."""
    if rows.is_empty():
        return
    con.register(_NAME, rows)
    con.execute(load_sql("tachi_data.store", "insert").format(table=identifier(table_name)))
    con.unregister(_NAME)
