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


class Counters:
    """Counters that were read together, and are stored together after they moved.

    Args:
        stored: One row per counter: ``name``, and ``value``, its next number.
    """

    def __init__(self, stored: pl.DataFrame) -> None:
        self._next: dict[str, int] = dict(stored.select("name", "value").iter_rows())
        self._stored, self._moved = {*self._next}, set[str]()

    def next(self, name: str) -> int:
        """Returns the number that `take` will return first."""
        return self._next.get(name, 0)

    def take(self, name: str, count: int) -> pl.Series:
        """Returns the next ``count`` numbers of a counter; a new one starts at 0."""
        start = self._next.get(name, 0)
        self._next[name] = start + count
        self._moved.add(name)
        return pl.int_range(start, start + count, eager=True, dtype=pl.Int64)

    def store(self, con: DuckDBPyConnection) -> None:
        """Store the counters that moved.

        Args:
            con: The connection of the transaction in which they were read.
        """
        if not self._moved:
            return
        # A frame of them would take three times as long as a statement for each of the one or two that move.
        for name in sorted(self._moved):
            text = sql("move_counter" if name in self._stored else "new_counter")
            execute(con, text, {"name": name, "value": self._next[name]})
        self._stored |= self._moved
        self._moved.clear()
