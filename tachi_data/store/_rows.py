"""Frames into queries, rows out of them, and frames into tables.

An import has dozens of statements, so for one of a single score it counts what each costs beside its work.
DuckDB reads a frame by the name of a variable where it is called, which is cheaper than registering it as a
view; so statements are called where nothing but their frames is in sight. It reads an Arrow table sooner than
a frame (not one with string views, which the filters of DuckDB 1.5 do not know). A statement is parsed when
it is run for the first time.

Two threads may run statements of one transaction with these functions: they take turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl
from duckdb import DuckDBPyConnection, Statement

from tachi_data.store._sql import statements

sql = statements("tachi_data.store")

Params = Mapping[str, object] | Sequence[object] | None
MOST_PARSED = 1000
_parsed_before: dict[str, Statement | str] = {}
_turns: WeakKeyDictionary[DuckDBPyConnection, Lock] = WeakKeyDictionary()
_ROWS = compile("con.sql(statement, params=params).pl()", __file__, "eval")
_TUPLES = compile("con.execute(statement, params).fetchall()", __file__, "eval")
_NOTHING = compile("con.execute(statement, params)", __file__, "eval")


def query(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> pl.DataFrame:
    """The rows of a query, which reads the frames by their names; no table may have one of these."""
    rows: pl.DataFrame = _run(_ROWS, con, text, params, frames)
    return rows


def first_row(con: DuckDBPyConnection, text: str, params: Params = None) -> tuple[Any, ...] | None:
    """The first row of a query, None where there is none."""
    rows = _run(_TUPLES, con, text, params, {})
    return rows[0] if rows else None


def execute(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> None:
    """Run a statement, which reads the frames by their names."""
    _run(_NOTHING, con, text, params, frames)


def _run(
    way: CodeType,
    con: DuckDBPyConnection,
    text: str,
    params: Params,
    frames: Mapping[str, pl.DataFrame],
) -> Any:
    tables = {name: frame.to_arrow() for name, frame in frames.items()}
    with _turns.setdefault(con, Lock()):
        known = {"con": con, "statement": _parsed(con, text), "params": params}
        return eval(way, known, tables)  # noqa: S307 - our own code, see above


def _parsed(con: DuckDBPyConnection, text: str) -> Statement | str:
    found = _parsed_before.get(text)
    if found is None:
        if len(_parsed_before) == MOST_PARSED:
            _parsed_before.clear()
        statements = con.extract_statements(text)
        found = _parsed_before[text] = statements[0] if len(statements) == 1 else text
    return found


def insert(con: DuckDBPyConnection, table_name: str, rows: pl.DataFrame) -> None:
    """Append rows to a table, by column name; columns that the frame lacks are NULL."""
    if rows.is_empty():
        return
    text = sql("insert", table=table_name)
    execute(con, text, inserted_rows=rows)
