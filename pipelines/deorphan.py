"""Try orphans again: after the catalogue changed, or all of them."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts, _names
from pipelines._outcome import ended, listed
from pipelines._shards import Tried, reprocess_all, tried
from pipelines.sync_catalogue import sync_catalogue


@task(cache_policy=NO_CACHE, task_run_name="reprocess")
def reprocess(store: str, only_changed: bool, budget_s: float | None) -> Tried:
    """Try everybody's orphans, and go on where an earlier run stopped; returns the counters and the run."""
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
    return tried(report)


@flow(name="deorphan", flow_run_name=_names.on_store("deorphan"))
def deorphan(
    store: str,
    only_changed: bool = False,
    budget_s: float | None = 7200,
    shards: int = 1,
    dask_address: str | None = None,
) -> dict[str, int]:
    """Try everybody's orphans again, and show why the others wait.

    In more than one shard all orphans are tried, whatever changed, and no time budget holds.

    Args:
        store: File or URL of the store.
        only_changed: Only orphans that the catalogue's changes since the last run concern.
        budget_s: Stop after so many seconds; the next run goes on from there.
        shards: Into how many groups of players the work is split.
        dask_address: Dask scheduler whose workers do the shards; without it, threads do.
    """
    counters, run_ids = (
        reprocess_all(store, shards, dask_address)
        if shards > 1
        else reprocess(store, only_changed, budget_s)
    )
    with td.open_store(store) as opened:
        _artifacts.orphans(opened, counters, run_ids)
    return ended(counters, f"orphans: {listed(counters) or 'none to try'}")


@flow(name="nightly", flow_run_name=_names.on_store("nightly"))
def nightly(
    store: str,
    source: str,
    ref: str | None = None,
    shards: int = 1,
    dask_address: str | None = None,
) -> dict[str, int]:
    """Bring the catalogue up to date; once that is done, try the orphans it concerns.

    Args:
        store: File or URL of the store.
        source: Git URL or folder of the catalogue.
        ref: Branch, tag or commit; by default the repository's default branch.
        shards: Into how many groups of players the orphans are split; more than one tries all of them.
        dask_address: Dask scheduler whose workers do the shards; without it, threads do.
    """
    changed = sync_catalogue(store, source, ref)
    outcome = deorphan(store, only_changed=True, shards=shards, dask_address=dask_address)
    found = changed | outcome
    return ended(found, f"nightly: {listed(found) or 'nothing changed'}")
