"""Settings of players for their game clients, such as the cards that may send plays.

The settings of a client are declared with its import type (`tachi_data.import_types.Client`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from tachi_data.errors import TachiError
from tachi_data.import_types import Client, ImportType, all_import_types
from tachi_data.records import violations
from tachi_data.records.schema import Object
from tachi_data.store import Store, insert, statements

sql = statements("tachi_data.players")


def clients() -> dict[str, Client]:
    """Return the game clients that have settings, by name.

    Example:
        >>> "fervidex" in clients()
        True
    """
    found = (kind.route.client for kind in all_import_types().values() if kind.route is not None)
    return {client.name: client for client in found if client.settings}


def settings_of(store: Store, user_id: int, client: str) -> dict[str, Any] | None:
    """Return the settings of a player for a client.

    Args:
        store: The store.
        user_id: The player.
        client: The name of the client.

    Returns:
        The settings by name; None if the player has none.
    """
    rows = store.query(sql("settings"), {"user": user_id, "client": client})
    return None if rows.is_empty() else json.loads(rows["settings"][0])


def change(store: Store, user_id: int, client: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some settings of a player for a client.

    Args:
        store: The store.
        user_id: The player.
        client: The name of the client, one of `clients`.
        changes: The new values by setting.

    Returns:
        All settings of the client; settings that were never set are null.

    Raises:
        TachiError: There is no such setting, a value has the wrong type, or there is no change.

    Example:
        >>> change(store, 7, "fervidex", {"forceStaticImport": True})["forceStaticImport"]
        True
    """
    declared = clients()[client].settings
    found = violations([dict(changes)], Object(strict=True, members=declared))
    if found:
        raise TachiError(str(found[0]))
    if not changes:
        raise TachiError(f"Nothing to change was given; there are: {', '.join(declared)}.")
    before = dict.fromkeys(declared) | (settings_of(store, user_id, client) or {})
    after = before | dict(changes)
    row = pl.DataFrame({"user_id": [user_id], "client": [client], "settings": [json.dumps(after)]})
    with store.write() as con:
        con.execute(sql("delete_settings"), {"user": user_id, "client": client})
        insert(con, "client_settings", row)
    return after


def consume(store: Store, kind: ImportType, user_id: int) -> None:
    """Switch off the settings that asked for an import which is done now.

    Args:
        store: The store.
        kind: The type of the import.
        user_id: The player.
    """
    if kind.route is None or not kind.route.consumes:
        return
    client = kind.route.client.name
    current = settings_of(store, user_id, client) or {}
    if any(current.get(name) for name in kind.route.consumes):
        change(store, user_id, client, dict.fromkeys(kind.route.consumes, False))
