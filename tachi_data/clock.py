"""The clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

import polars as pl

# How long rows that are not shown again are remembered.
REMEMBERED_S = 3600.0


def unix_ms() -> int:
    """Return the time, in Unix milliseconds.

    >>> unix_ms() > 1_700_000_000_000
    True
    """
    return time.time_ns() // 1_000_000


class Watch:
    """Since when this process has seen rows as they are, by its own clock.

    So a lease that is not renewed ends, however wrong the clock of the machine was that wrote it.

    Args:
        columns: What a row is, such as a holder and its last heartbeat.

    >>> watch = Watch(["holder", "lease_until"])
    >>> watch.since(pl.DataFrame({"holder": ["a"], "lease_until": [5]}))["since"].item() <= time.monotonic()
    True
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._seen: pl.DataFrame | None = None

    def since(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with ``since``: the moment, in seconds of `time.monotonic`, when each was first shown.

        Args:
            rows: Rows as they are now.
        """
        now = time.monotonic()
        found = rows.select(*self._columns, since=pl.lit(now, dtype=pl.Float64))
        if self._seen is not None:
            found = pl.concat(
                [self._seen.filter(pl.col("since") > now - REMEMBERED_S), found]
            ).unique(self._columns, keep="first")
        self._seen = found
        return rows.join(found, on=self._columns, how="left", nulls_equal=True)
