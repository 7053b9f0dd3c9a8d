"""What a person sees of a run in Prefect: tables, a little text, and progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

import polars as pl
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

import tachi_data as td


def counts(key: str, found: Mapping[str, int], description: str) -> None:
    """A table of one row per count."""
    rows = [{"what": name.replace("_", " "), "count": count} for name, count in found.items()]
    create_table_artifact(rows, key=key, description=description)


def reasons(store: td.Store, import_ids: list[str]) -> None:
    """Why datapoints of these imports did not become scores, the most frequent reasons first."""
    top = store.query(
        """
        SELECT outcome, message AS reason, count(*) AS datapoints, count(DISTINCT import_id) AS imports
        FROM problems
        WHERE import_id IN (SELECT unnest($ids::VARCHAR[]))
        GROUP BY ALL ORDER BY datapoints DESC, reason LIMIT 20
        """,
        {"ids": import_ids},
    )
    table("import-reasons", top, "Why datapoints did not become scores")


def unmatched(store: td.Store) -> None:
    """What orphans wait for, with songs that may be meant."""
    from tachi_data.orphans import triage

    names = ("game", "looked_for", "orphans", "users", "reason", "suggestion", "similarity")
    table("orphans-unmatched", triage(store, limit=20).select(names), "What orphans wait for")


def table(key: str, rows: pl.DataFrame, description: str) -> None:
    """A frame as a table; where it is empty, that is said instead."""
    if rows.is_empty():
        create_markdown_artifact(f"{description}: nothing.", key=key)
    else:
        create_table_artifact(rows.to_dicts(), key=key, description=description)


def documents(folder: Path, written: int) -> None:
    """Where the ImportDocuments are."""
    text = f"{written:,} ImportDocuments are in [{folder}]({folder.absolute().as_uri()})."
    create_markdown_artifact(text, key="import-documents", description="ImportDocuments")


def progress(key: str, total: int, description: str) -> Callable[[int], None]:
    """A bar; the result is to be called with how much is done."""
    bar = create_progress_artifact(0.0, key=key, description=description)
    assert isinstance(bar, UUID)

    def advance(done: int) -> None:
        update_progress_artifact(bar, min(100.0, 100.0 * done / max(total, 1)))

    return advance
