"""Maintenance of a lake: each transaction adds files, and DuckLake deletes none by itself."""

from __future__ import annotations

import polars as pl

from tachi_data.errors import StoreError
from tachi_data.store._sql import statements
from tachi_data.store._store import Store

sql = statements("tachi_data.store")

# The steps in their order, each in a transaction of its own: DuckLake does not mix changes with rewriting.
_STEPS = {
    "flush_inlined_rows": "tables whose rows left PostgreSQL for files",
    "rewrite_files": "tables whose deleted rows left their files",
    "merge_files": "tables whose small files were merged",
    "expire_snapshots": "snapshots that can no longer be read",
    "delete_old_files": "files deleted that no snapshot needs",
    "delete_lost_files": "files deleted that a killed writer left",
}
_TIMED = frozenset({"expire_snapshots", "delete_old_files", "delete_lost_files"})


def maintain(store: Store, *, keep_days: int = 7) -> pl.DataFrame:
    """Merge small files, forget old snapshots, and delete files that nothing needs any more.

    Readers need not stop: the snapshot of a reader is younger than ``keep_days``, and stays.

    Args:
        store: A lake.
        keep_days: For how many days snapshots can still be read.

    Returns:
        One row for each step: ``step``, ``what`` it counts, and the ``count``.

    Raises:
        StoreError: The store is a file, which needs none of this.

    Example:
        >>> td.maintain(store)
        Traceback (most recent call last):
            ...
        tachi_data.errors.StoreError: ...tachi.duckdb is a DuckDB file; only a DuckLake needs maintenance.
    """
    if store.path is not None:
        raise StoreError(f"{store.path} is a DuckDB file; only a DuckLake needs maintenance.")
    counts = []
    for step in _STEPS:
        with store.write() as con:
            params = {"days": keep_days} if step in _TIMED else None
            counts.append(con.sql(sql(step), params=params).pl().height)
    return pl.DataFrame(
        {"step": list(_STEPS), "what": list(_STEPS.values()), "count": counts},
        schema_overrides={"count": pl.Int64},
    )
