"""The SQL files of this package."""

from __future__ import annotations

from typing import Any

from duckdb import DuckDBPyConnection

from tachi_data.store import load_sql


def sql(name: str) -> str:
    """The text of ``<name>.sql``."""
    return load_sql("tachi_data.importing", name)


def first_row(con: DuckDBPyConnection, query: str, params: Any = None) -> tuple[Any, ...] | None:
    """The first row of a query, None where there is none; leaves no open result behind."""
    rows = con.execute(query, params).fetchall()
    return rows[0] if rows else None
