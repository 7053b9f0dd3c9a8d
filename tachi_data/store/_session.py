"""What a kind of store has to offer. `Store` does the rest."""

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
        """What messages call it; holds no secrets."""

    @property
    def path(self) -> Path | None:
        """The file, if the database is one."""

    def exists(self) -> bool:
        """Whether the database is there."""

    def create(self, fill: Callable[[DuckDBPyConnection], None]) -> None:
        """Make the database and fill it, all or nothing; does nothing if it is there by now."""

    def transaction(self, *, writing: bool) -> AbstractContextManager[DuckDBPyConnection]:
        """A connection; what is written is committed at the end, or rolled back."""
