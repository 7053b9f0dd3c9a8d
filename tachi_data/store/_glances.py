"""Reading without holding: each statement is a transaction of its own.

A transaction that reads a file keeps writers waiting until it ends, also while its caller computes. Bulk work that
computes for many seconds looks at the store only now and then, and checks what it saw in the transaction that
writes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from duckdb import DuckDBPyConnection


class Glances:
    """Stands for a connection in `query` and `first_row`, which open the store for one statement.

    Args:
        opened: Opens a transaction that reads.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[DuckDBPyConnection]]) -> None:
        self.opened = opened
