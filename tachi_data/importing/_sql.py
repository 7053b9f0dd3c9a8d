"""The SQL files of this package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from duckdb import DuckDBPyConnection


@cache
def sql(name: str) -> str:
    """The text of ``<name>.sql``."""
    return files("tachi_data.importing").joinpath(f"{name}.sql").read_text()


def first_row(con: DuckDBPyConnection, query: str, params: Any = None) -> tuple[Any, ...] | None:
    """The first row of a query, None where there is none; leaves no open result behind."""
    rows = con.execute(query, params).fetchall()
    return rows[0] if rows else None
