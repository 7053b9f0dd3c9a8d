"""Looking at orphans, and putting archived ones back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from tachi_data.store import Store, execute, insert, query, statements
from tachi_data.tables.orphans import ORPHAN_COLUMNS

sql = statements("tachi_data.orphans")


def find_orphan(store: Store, orphan_id: str) -> dict[str, Any] | None:
    """An orphan, on the list or archived, with its raw record; None where there is none."""
    rows = store.query(sql("find_orphan"), [orphan_id])
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return {**row, "data": json.loads(row["data"]), "context": json.loads(row["context"])}


def restore_orphans(store: Store, orphan_ids: Sequence[str]) -> int:
    """Put archived orphans back on the list, unless they are scores by now; returns how many."""
    wanted = pl.DataFrame({"orphan_id": list(orphan_ids)}, schema={"orphan_id": pl.String})
    with store.write() as con:
        rows = query(con, sql("restorable"), wanted=wanted)
        execute(con, sql("delete_restored"), restored=rows.select("orphan_id", "user_id"))
        insert(con, "orphans", rows.select(*ORPHAN_COLUMNS))
    return rows.height


def status(store: Store) -> dict[str, Any]:
    """How many wait, are quarantined, due, rejected, became scores; the oldest; the newest run's progress."""
    return store.query(sql("status")).row(0, named=True)
