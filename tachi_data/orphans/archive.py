"""Finding orphans, restoring archived ones, and counting them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from tachi_data.clock import unix_ms
from tachi_data.players.locks import lock
from tachi_data.store import Store, execute, insert, query, statements
from tachi_data.tables.orphans import ORPHAN_COLUMNS
from tachi_data.version import __version__

sql = statements("tachi_data.orphans")


def find_orphan(store: Store, orphan_id: str) -> dict[str, Any] | None:
    """Find a waiting or archived orphan.

    Args:
        store: The store.
        orphan_id: The ID of the orphan.

    Returns:
        Its stored row, with ``state`` (``waiting`` or ``archived``) and the decoded ``data`` and ``context``;
        None where the orphan is unknown.
    """
    rows = store.query(sql("find_orphan"), [orphan_id])
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return {**row, "data": json.loads(row["data"]), "context": json.loads(row["context"])}


def restore_orphans(store: Store, orphan_ids: Sequence[str]) -> int:
    """Move archived orphans back to the waiting ones; the next run tries them.

    Args:
        store: The store.
        orphan_ids: The IDs; an orphan that became a score, or is not archived, stays as it is.

    Returns:
        The number of restored orphans.
    """
    wanted = pl.DataFrame({"orphan_id": list(orphan_ids)}, schema={"orphan_id": pl.String})
    with store.write() as con:
        rows = query(con, sql("restorable"), wanted=wanted)
        execute(con, sql("delete_restored"), restored=rows.select("orphan_id", "user_id"))
        insert(con, "orphans", rows.select(*ORPHAN_COLUMNS))
    return rows.height


def put_away(store: Store, user_id: int, orphan_id: str, *, now: int | None = None) -> bool:
    """Move a waiting orphan of a player into the archive, because the player does not want it.

    Args:
        store: The store.
        user_id: The player.
        orphan_id: The ID of the orphan.
        now: Unix milliseconds, to fix the clock.

    Returns:
        Whether there was such an orphan. `restore_orphans` brings it back.

    Raises:
        ImportFatal: 409, an import of the player is running.
    """
    facts = {"run_id": None, "converter": __version__, "now": unix_ms() if now is None else now}
    with store.write() as con, lock(user_id, con):
        settled = query(con, sql("unwanted"), {"user": user_id, "orphan": orphan_id})
        if not settled.is_empty():
            execute(con, sql("archive"), facts, settled=settled)
            execute(con, sql("delete_settled"), settled=settled)
    return not settled.is_empty()


def rejections(store: Store, run_ids: Sequence[str]) -> pl.DataFrame:
    """Count the orphans that runs rejected, by reason.

    Args:
        store: The store.
        run_ids: The IDs of the runs, as their reports have them.

    Returns:
        One row per reason, the most frequent first: ``reason`` (with … for each number), ``orphans``, and the
        ID of an ``example``; `restore_orphans` brings such an orphan back.
    """
    return store.query(sql("rejections"), {"run_ids": list(run_ids)})


def status(store: Store) -> dict[str, Any]:
    """Count the orphans by state.

    Returns:
        Numbers of orphans: ``waiting, quarantined, due, became_scores, rejected``; the time of the ``oldest``;
        and the progress of the newest run.
    """
    return store.query(sql("status")).row(0, named=True)
