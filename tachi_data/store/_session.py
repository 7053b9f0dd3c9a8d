"""The interface of the two sorts of stores, DuckDB files and lakes. `Store` does the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from duckdb import DuckDBPyConnection


class Session(Protocol):
    """Opens one database for single transactions."""

    @property
    def name(self) -> str:
        """The name of the store in messages; it holds no secrets."""

    @property
    def path(self) -> Path | None:
        """The file, absolute; None for a lake."""

    def exists(self) -> bool:
        """Returns whether the database is there."""

    def create(self, fill: Callable[[DuckDBPyConnection], None]) -> None:
        """Make the database and fill it, all or nothing. Does nothing if it is there by now.

        Args:
            fill: Gets a connection and creates the tables.

        Raises:
            StoreError: The database cannot be made.
        """

    def transaction(self, *, writing: bool) -> AbstractContextManager[DuckDBPyConnection]:
        """Returns a block that gets a connection; at its end the changes are committed, or rolled back.

        Args:
            writing: Whether the transaction changes rows; it then excludes other writers.

        Raises:
            StoreError: The database cannot be used, was in use for too long, or the commit failed.
        """
