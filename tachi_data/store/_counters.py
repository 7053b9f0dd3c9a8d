"""Counters: numbers that are each given out once."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store._rows import execute, first_row


def next_ordinals(con: DuckDBPyConnection, name: str, count: int) -> pl.Series:
    """The next ``count`` numbers of a counter, each given out once."""
    row = first_row(con, "SELECT value FROM counters WHERE name = ?", [name])
    start = row[0] if row else 0
    if row:
        execute(con, "UPDATE counters SET value = ? WHERE name = ?", [start + count, name])
    else:
        execute(con, "INSERT INTO counters VALUES (?, ?)", [name, start + count])
    return pl.int_range(start, start + count, eager=True, dtype=pl.Int64)
