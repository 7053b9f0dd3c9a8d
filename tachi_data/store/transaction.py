"""A transaction with its clock: the connection to write with, the one moment that counts in it, and timings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms


class Timings:
    """Milliseconds that each step took, measured by a clock that never jumps."""

    def __init__(self) -> None:
        self._steps: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to a step; steps may nest."""
        started = time.perf_counter()
        yield
        self._steps[name] = self._steps.get(name, 0.0) + (time.perf_counter() - started) * 1000

    @property
    def steps(self) -> Mapping[str, float]:
        """Milliseconds by step."""
        return self._steps

    @property
    def total(self) -> float:
        """Milliseconds since the timings were made."""
        return (time.perf_counter() - self._started) * 1000


@dataclass(frozen=True, eq=False)
class Transaction:
    """What a function needs in order to write.

    Attributes:
        con: The connection of the transaction.
        now: The moment that counts for everything in the transaction, in Unix milliseconds.
        timings: How long the steps took.
        clock: The time when it is asked for, in Unix milliseconds.
    """

    con: DuckDBPyConnection
    now: int
    timings: Timings = field(default_factory=Timings)
    clock: Callable[[], int] = unix_ms

    @classmethod
    def at(
        cls, con: DuckDBPyConnection, now: int | None = None, timings: Timings | None = None
    ) -> Transaction:
        """A transaction at a fixed moment, or (None) at the present one."""
        stopwatch = Timings() if timings is None else timings
        if now is None:
            return cls(con, unix_ms(), stopwatch)
        return cls(con, now, stopwatch, lambda: now)

    @property
    def moment(self) -> pl.Expr:
        """The moment as a value for a column of times."""
        return pl.lit(self.now).cast(pl.Datetime("ms"))
