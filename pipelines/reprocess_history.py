"""Take in an export of the original server's orphans, and try all orphans, in shards of players."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture

import tachi_data as td
from pipelines import _artifacts
from pipelines._runners import runner
from pipelines.deorphan import COUNTERS


@task(cache_policy=NO_CACHE)
def ingest(store: str, export: str) -> dict[str, int]:
    """Read the export; gives how many documents were taken, were known, or were refused."""
    with td.open_store(store) as opened:
        report = td.ingest_orphans(opened, export)
    _artifacts.table("history-ingested", report.rows, "What was taken from the export")
    return {what: report.count(what) for what in ("taken", "known", "kept", "refused")}


@task(cache_policy=NO_CACHE, task_run_name="shard {shard} of {shards}")
def reprocess_shard(store: str, shard: int, shards: int) -> dict[str, int]:
    """Try the orphans of every so-manieth player. Shards do not touch each other's players."""
    with td.open_store(store) as opened:
        players = opened.query(
            "SELECT DISTINCT user_id FROM orphans WHERE user_id % $shards = $shard ORDER BY user_id",
            {"shard": shard, "shards": shards},
        )["user_id"].to_list()
        report = td.reprocess_orphans(opened, players)
    return {counter: getattr(report, counter) for counter in COUNTERS}


@flow(name="reprocess-shards")
def reprocess_shards(store: str, shards: int) -> dict[str, int]:
    """Try all orphans; the task runner decides where."""
    runs: list[PrefectFuture[dict[str, int]]] = [
        reprocess_shard.submit(store, shard, shards) for shard in range(shards)
    ]
    found = [run.result() for run in runs]
    return {counter: sum(counts[counter] for counts in found) for counter in COUNTERS}


@flow(name="reprocess-history", flow_run_name="history of {export}")
def reprocess_history(
    store: str, export: str, shards: int = 4, dask_address: str | None = None
) -> dict[str, int]:
    """Ingest the export, then try all orphans in shards, here or on the workers of a Dask scheduler."""
    taken = ingest(store, export)
    run: Any = reprocess_shards.with_options(task_runner=runner(dask_address))
    counters: dict[str, int] = run(store, shards)
    _artifacts.counts("orphans-outcomes", counters, "What became of the orphans")
    with td.open_store(store) as opened:
        _artifacts.unmatched(opened)
    return taken | counters
