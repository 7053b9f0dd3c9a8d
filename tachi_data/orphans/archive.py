"""Finding orphans, restoring archived ones, and counting them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from tachi_data.store import Store, execute, insert, query, statements
from tachi_data.tables.orphans import ORPHAN_COLUMNS

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


def status(store: Store) -> dict[str, Any]:
    """Count the orphans by state.

    Returns:
        Numbers of orphans: ``waiting, quarantined, due, became_scores, rejected``; the time of the ``oldest``;
        and the progress of the newest run.
    """
    return store.query(sql("status")).row(0, named=True)
