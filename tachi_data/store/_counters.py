"""Counters: whole numbers that are each used once."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store._rows import execute, first_row
from tachi_data.store._sql import statements

sql = statements("tachi_data.store")


def next_ordinals(con: DuckDBPyConnection, name: str, count: int) -> pl.Series:
    """Returns the next numbers of a counter, and moves the counter on.

    Args:
        con: The connection of a transaction that writes.
        name: The counter; a new one starts at 0.
        count: How many numbers.

    Returns:
        ``count`` whole numbers in order, which the counter never returns again.
    """
    row = first_row(con, sql("counter"), {"name": name})
    start = row[0] if row else 0
    execute(
        con, sql("move_counter" if row else "new_counter"), {"name": name, "value": start + count}
    )
    return pl.int_range(start, start + count, eager=True, dtype=pl.Int64)
