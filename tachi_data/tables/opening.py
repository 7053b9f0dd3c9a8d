"""Opening a store with all the tables that this project keeps in it."""

from __future__ import annotations

from pathlib import Path

from tachi_data import store
from tachi_data.store import Store
from tachi_data.tables import catalogue, imports, orphans, players, scores, standings


def open_store(url: str | Path, *, create: bool = True, lock_timeout: float | None = 60) -> Store:
    """Open a store; it is created with its tables if it is not there.

    Args:
        url: Path of a DuckDB file, or ``ducklake:postgres:…`` (see `tachi_data.store.ducklake`).
        create: Whether a store that is not there is made.
        lock_timeout: How many seconds a transaction waits for other processes; None waits for ever.

    Returns:
        The open store.

    Raises:
        StoreError: It cannot be opened, is no store, or was made by a newer version.

    Example:
        >>> with td.open_store(folder / "new.duckdb") as new:
        ...     new.query("FROM songs").height
        0
    """
    tables = (
        *catalogue.TABLES,
        *scores.tables(),
        *imports.TABLES,
        *orphans.TABLES,
        *standings.TABLES,
        *players.TABLES,
    )
    return store.open_store(
        url, tables=tables, views=scores.views(), create=create, lock_timeout=lock_timeout
    )
