"""Opening a store with all the tables that this project keeps in it."""

from __future__ import annotations

from pathlib import Path

from tachi_data import accounts, catalogue, client_settings, integrations, store, tokens
from tachi_data.games import _tables as game_tables
from tachi_data.importing import _chart_queue as chart_queue
from tachi_data.importing import _goal_tables as goal_tables
from tachi_data.importing import _tables as import_tables
from tachi_data.store import Store


def open_store(url: str | Path, *, create: bool = True, lock_timeout: float | None = 60) -> Store:
    """Open a store; it is created with its tables if it is not there.

    Args:
        url: Path of a DuckDB file, or ``ducklake:postgres:…`` (see `tachi_data.store.ducklake`).
        create: Whether a store that is not there is made.
        lock_timeout: Seconds to wait for other processes; None waits for ever.

    Raises:
        StoreError: It cannot be opened, is no store, or was made by a newer version.
    """
    tables = (
        *catalogue.TABLES,
        *game_tables.tables(),
        *import_tables.TABLES,
        *goal_tables.TABLES,
        *chart_queue.TABLES,
        *tokens.TABLES,
        *integrations.TABLES,
        *accounts.TABLES,
        *client_settings.TABLES,
    )
    return store.open_store(
        url, tables=tables, views=game_tables.views(), create=create, lock_timeout=lock_timeout
    )
