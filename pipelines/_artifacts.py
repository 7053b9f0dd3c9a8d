"""The view of a run in Prefect: tables, a little text, and progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

import polars as pl
from prefect import get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

import tachi_data as td
from pipelines._outcome import counted, in_words
from tachi_data.escaping import as_markdown, visible_frame
from tachi_data.store import statements

sql = statements("pipelines")


def counts(key: str, found: Mapping[str, int], description: str) -> None:
    """A table of one row per count, and a line in the log."""
    words = (f"{count:,} {in_words(name)}" for name, count in found.items())
    get_run_logger().info("%s: %s", description, ", ".join(words) or "nothing")
    rows = [{"what": in_words(name), "count": count} for name, count in found.items()]
    create_table_artifact(rows, key=key, description=description)


def imports(
    store: td.Store, inbox: Path, files: int, found: Mapping[str, int], import_ids: list[str]
) -> None:
    """Show the outcomes of the files, why datapoints did not become scores, and where the documents are."""
    counts("import-outcomes", found, f"What became of {counted(files, 'files')}")
    reasons = store.query(sql("import_reasons"), {"ids": import_ids})
    table("import-reasons", reasons, "Why datapoints did not become scores")
    done = inbox.absolute() / "done"
    text = f"{len(import_ids):,} ImportDocuments are in [{as_markdown(done)}]({done.as_uri()})."
    create_markdown_artifact(text, key="import-documents", description="ImportDocuments")


def refused(reasons: list[tuple[str, str]]) -> None:
    """Show the files that were not imported, and why."""
    rows = pl.DataFrame(reasons, schema=["file", "reason"], orient="row")
    if rows.height:
        table("import-refused", rows, "Why files were not imported")


def orphans(store: td.Store, found: Mapping[str, int], run_ids: list[str]) -> None:
    """Show the outcomes of orphans, why some were rejected, and why the others wait, with songs that may be meant."""
    from tachi_data.orphans import rejections, triage

    answer = "  \n".join(map(as_markdown, td.why_orphans(store).lines()))
    create_markdown_artifact(answer, key="orphans-answer", description="Why orphans wait")
    counts("orphans-outcomes", found, "What became of the orphans")
    table("orphans-rejected", rejections(store, run_ids).head(20), "Why orphans were rejected")
    names = ("game", "looked_for", "orphans", "users", "reason", "suggestion", "similarity")
    table("orphans-unmatched", triage(store, limit=20).select(names), "What orphans wait for")


def table(key: str, rows: pl.DataFrame, description: str) -> None:
    """A frame as a table; where it is empty, that is said instead."""
    if rows.is_empty():
        create_markdown_artifact(f"{description}: nothing.", key=key)
    else:
        named = visible_frame(rows).rename(lambda name: name.replace("_", " "))
        create_table_artifact(named.to_dicts(), key=key, description=description)


def progress(key: str, description: str) -> Callable[[int, int], None]:
    """A bar; the result is to be called with how much is done, of how much."""
    bar = create_progress_artifact(0.0, key=key, description=description)
    assert isinstance(bar, UUID)

    def advance(done: int, total: int) -> None:
        update_progress_artifact(bar, min(100.0, 100.0 * done / max(total, 1)))

    return advance
