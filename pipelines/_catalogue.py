"""The catalogue before the first import: without one, everything becomes an orphan."""

from __future__ import annotations

import tachi_data as td
from pipelines.sync_catalogue import sync_catalogue
from tachi_data.store import statements

sql = statements("pipelines")

MISSING = (
    "The store has no catalogue, so that every score becomes an orphan. "
    "Run the deployment nightly/nightly, or tachi-data catalogue load FOLDER."
)


def ready(store: str, source: str | None) -> list[str]:
    """Load the catalogue where the store has none; returns a problem if it has none after that."""
    if has_charts(store):
        return []
    if source is not None:
        sync_catalogue(store, source)
        if has_charts(store):
            return []
    return [MISSING]


def has_charts(store: str) -> bool:
    """Return whether the store has any chart."""
    with td.open_store(store) as opened:
        return bool(opened.query(sql("has_charts"))["has_charts"][0])
