"""Frames into queries, rows out of them, and frames into tables.

All statements of the project go through `_run`. It registers each frame as an Arrow table under its name, runs
the statement, and unregisters the frames. (An Arrow table of Polars has plain strings; the filters of DuckDB 1.5
do not know the string views of a frame.)

What registering costs was measured against a function that let DuckDB find the frames as local variables, which
needs `eval`, as the names are only known when the program runs. One statement over a frame of one row, median of
300 in one run on two busy cores:

    =========================  ============  ============
    milliseconds               DuckDB 2.0.1  DuckDB 1.5.5
    =========================  ============  ============
    query, found by `eval`     1.9           2.6
    query, registered          2.6           3.4
    insert, found by `eval`    0.9           1.6
    insert, registered         1.4           2.2
    =========================  ============  ============

About 0.5 ms of that is registering and 0.2 ms unregistering. A frame that stayed registered would be read by
mistake in a later statement, and would keep its memory. DuckDB parses a statement again each time it is run from
text, which takes 0.1 to 1.2 ms; so parsed statements are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection, DuckDBPyRelation, Statement

from tachi_data.store._glances import Glances
from tachi_data.store._sql import statements

sql = statements("tachi_data.store")

Result = TypeVar("Result")
Params = Mapping[str, object] | Sequence[object] | None

MOST_PARSED = 1000
_parsed_before: dict[str, Statement | str] = {}


def query(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> pl.DataFrame:
    """Returns the rows of a query.

    Args:
        con: The connection of a transaction.
        text: SQL; it names frames as it names tables. A frame hides a table of the same name.
        params: Values for ``?`` (a sequence) or ``$name`` (a mapping).
        **frames: Only this statement can read them.

    Returns:
        The rows of the last statement, in its order; a frame without columns where it has no result.

    Raises:
        duckdb.Error: The statement is wrong, or it failed.
    """

    def fetch(opened: DuckDBPyConnection, statement: Statement | str) -> pl.DataFrame:
        # DuckDB 1.5 returns None where a statement has no result.
        relation: DuckDBPyRelation | None = opened.sql(statement, params=params)
        return pl.DataFrame() if relation is None else relation.pl()

    return _run(con, text, frames, fetch)


def first_row(con: DuckDBPyConnection, text: str, params: Params = None) -> tuple[Any, ...] | None:
    """Returns the first row of a query, None where there is none.

    Args:
        con: The connection of a transaction.
        text: SQL.
        params: Values for ``?`` (a sequence) or ``$name`` (a mapping).

    Raises:
        duckdb.Error: The statement is wrong, or it failed.
    """
    rows = _run(con, text, {}, lambda opened, told: opened.execute(told, params).fetchall())
    return rows[0] if rows else None


def execute(
    con: DuckDBPyConnection, text: str, params: Params = None, **frames: pl.DataFrame
) -> None:
    """Run a statement whose result nobody needs.

    Args:
        con: The connection of a transaction.
        text: SQL; it names frames as it names tables. A frame hides a table of the same name.
        params: Values for ``?`` (a sequence) or ``$name`` (a mapping).
        **frames: Only this statement can read them.

    Raises:
        duckdb.Error: The statement is wrong, or it failed.
    """
    # DuckDB keeps a frame in use until the result, a count perhaps, is fetched.
    _run(con, text, frames, lambda opened, told: opened.execute(told, params).fetchall())


def insert(con: DuckDBPyConnection, table_name: str, rows: pl.DataFrame) -> None:
    """Append rows to a table, by column name; columns that the frame lacks are NULL.

    Args:
        con: The connection of a transaction that writes.
        table_name: The name of the table, without quotes.
        rows: Each of its columns is a column of the table. An empty frame changes nothing.

    Raises:
        duckdb.Error: The table or one of the columns does not exist, or a value does not fit.
    """
    if rows.is_empty():
        return
    text = sql("insert", table=table_name)
    execute(con, text, inserted_rows=rows)


def _run(
    con: DuckDBPyConnection,
    text: str,
    frames: Mapping[str, pl.DataFrame],
    fetch: Callable[[DuckDBPyConnection, Statement | str], Result],
) -> Result:
    """Returns what ``fetch`` makes of a statement while the frames are registered."""
    if isinstance(con, Glances):
        with con.opened() as opened:
            return _run(opened, text, frames, fetch)
    tables = {name: frame.to_arrow() for name, frame in frames.items()}
    try:
        for name, table in tables.items():
            con.register(name, table)
        return fetch(con, _parsed(con, text))
    finally:
        # After a failed statement the transaction takes no other one; the names go with its connection.
        with suppress(duckdb.Error):
            for name in tables:
                con.unregister(name)


def _parsed(con: DuckDBPyConnection, text: str) -> Statement | str:
    """Returns the parsed statement of a text; the text where it has several statements."""
    found = _parsed_before.get(text)
    if found is None:
        if len(_parsed_before) >= MOST_PARSED:
            _parsed_before.clear()
        parsed = con.extract_statements(text)
        found = _parsed_before[text] = parsed[0] if len(parsed) == 1 else text
    return found
