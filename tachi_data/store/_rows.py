"""Frames into queries, rows out of them, and frames into tables.

DuckDB reads a frame by the name of a variable where it is called. That costs half of registering it as a
view, for each of the dozens of statements of an import; so statements are called where nothing but their
frames is in sight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store._sql import identifier, load_sql

Params = Mapping[str, object] | Sequence[object] | None
_RUN = compile("con.execute(statement, params)", __file__, "eval")


def query(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> pl.DataFrame:
    """The rows of a query, which reads the frames by their names; no table may have one of these."""
    execute(con, text, params, **frames)
    rows = pl.from_arrow(con.to_arrow_table(), rechunk=False)
    return rows


def execute(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> None:
    """Run a statement, which reads the frames by their names."""
    known = {"con": con, "statement": _parsed(text), "params": params}
    eval(_RUN, known, frames)  # noqa: S307 - our own code, see above


@lru_cache(1024)
def _parsed(text: str) -> duckdb.Statement | str:
    statements = duckdb.extract_statements(text)
    return statements[0] if len(statements) == 1 else text


def insert(con: DuckDBPyConnection, table_name: str, rows: pl.DataFrame) -> None:
    """Append rows to a table, by column name; columns that the frame lacks are NULL."""
    if rows.is_empty():
        return
    text = load_sql("tachi_data.store", "insert").format(table=identifier(table_name))
    execute(con, text, inserted_rows=rows)
