"""Take in an export of the original server's orphans, and try all orphans, in shards of players."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts
from pipelines._outcome import ended, listed
from pipelines._shards import reprocess_all
from tachi_data.orphans import number_of_lines


@task(cache_policy=NO_CACHE, task_run_name="ingest")
def ingest(store: str, export: str) -> dict[str, int]:
    """Read the export; returns how many documents were taken, were known, or were refused."""
    with td.open_store(store) as opened:
        advance = _artifacts.progress("history-progress", "Lines of the export read")
        total = number_of_lines(export)
        report = td.ingest_orphans(opened, export, progress=lambda lines: advance(lines, total))
    _artifacts.table("history-ingested", report.rows, "What was taken from the export")
    return {what: report.count(what) for what in ("taken", "known", "kept", "refused")}


@flow(name="ingest-orphans", flow_run_name="ingest {export}")
def ingest_orphans(store: str, export: str) -> dict[str, int]:
    """Ingest the export; its orphans wait for the next run over orphans.

    Args:
        store: File or URL of the store.
        export: The export of orphan-scores, NDJSON or a JSON array, perhaps compressed.
    """
    taken = ingest(store, export)
    problems = [f"{taken['refused']:,} lines were refused."] if taken["refused"] else []
    return ended(taken, f"history: {listed(taken) or 'nothing in the export'}", problems)


@flow(name="reprocess-history", flow_run_name="history of {export}")
def reprocess_history(
    store: str, export: str, shards: int = 4, dask_address: str | None = None
) -> dict[str, int]:
    """Ingest the export, then try all orphans, in shards of players.

    Args:
        store: File or URL of the store.
        export: The export of orphan-scores, NDJSON or a JSON array, perhaps compressed.
        shards: Into how many groups of players the work is split.
        dask_address: Dask scheduler whose workers do the shards; without it, threads do.
    """
    taken = ingest(store, export)
    counters, run_ids = reprocess_all(store, shards, dask_address)
    with td.open_store(store) as opened:
        _artifacts.orphans(opened, counters, run_ids)
    found = taken | counters
    return ended(found, f"history: {listed(found) or 'nothing in the export'}")
