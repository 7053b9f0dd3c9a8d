"""Try orphans again: after the catalogue changed, or all of them."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts
from pipelines._shards import counters_of, reprocess_all
from pipelines.sync_catalogue import sync_catalogue


@task(cache_policy=NO_CACHE)
def reprocess(store: str, only_changed: bool, budget_s: float | None) -> dict[str, int]:
    """Try everybody's orphans, and go on where an earlier run stopped; gives the counters."""
    with td.open_store(store) as opened:
        advance = _artifacts.progress("orphans-progress", "Orphans tried")
        report = td.reprocess_orphans(
            opened,
            only_changed=only_changed,
            budget_s=budget_s,
            progress=lambda sofar: advance(sofar.processed, sofar.total),
        )
    if report.is_finished:
        advance(1, 1)
    else:
        get_run_logger().warning("The time is up; the next run goes on from here.")
    return counters_of(report)


@flow(name="deorphan", flow_run_name="deorphan {store}")
def deorphan(
    store: str,
    only_changed: bool = False,
    budget_s: float | None = 7200,
    shards: int = 1,
    dask_address: str | None = None,
) -> dict[str, int]:
    """Try everybody's orphans again, and show what the others wait for.

    In more than one shard all orphans are tried, whatever changed, and no time budget holds.
    """
    counters = (
        reprocess_all(store, shards, dask_address)
        if shards > 1
        else reprocess(store, only_changed, budget_s)
    )
    with td.open_store(store) as opened:
        _artifacts.orphans(opened, counters)
    return counters


@flow(name="nightly", flow_run_name="nightly {store}")
def nightly(
    store: str,
    source: str,
    ref: str | None = None,
    shards: int = 1,
    dask_address: str | None = None,
) -> dict[str, int]:
    """Bring the catalogue up to date; once that is done, try the orphans it concerns."""
    changed = sync_catalogue(store, source, ref)
    tried = deorphan(store, only_changed=True, shards=shards, dask_address=dask_address)
    return changed | tried
