"""Try orphans again: after the catalogue changed, or all of them."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts
from pipelines.sync_catalogue import sync_catalogue

COUNTERS = ("processed", "success", "failed", "removed", "deferred")


@task(cache_policy=NO_CACHE)
def reprocess(
    store: td.Store,
    user_ids: list[int] | None,
    only_changed: bool,
    budget_s: float | None,
    name: str = "orphans",
) -> dict[str, int]:
    """Try the orphans of some players, or of all; gives the counters of the run."""
    total = store.query("SELECT count(*) AS orphans FROM orphans")["orphans"][0]
    advance = _artifacts.progress(f"{name}-progress", total, "Orphans tried")
    report = td.reprocess_orphans(
        store,
        user_ids,
        only_changed=only_changed,
        budget_s=budget_s,
        progress=lambda sofar: advance(sofar.processed),
    )
    advance(total)
    if not report.is_finished:
        get_run_logger().warning("The time is up; the next run goes on from here.")
    return {counter: getattr(report, counter) for counter in COUNTERS}


@flow(name="deorphan", flow_run_name="deorphan {store}")
def deorphan(
    store: str, only_changed: bool = False, budget_s: float | None = 7200
) -> dict[str, int]:
    """Try everybody's orphans again, and show what the others wait for."""
    with td.open_store(store) as opened:
        counters = reprocess(opened, None, only_changed, budget_s)
        _artifacts.counts("orphans-outcomes", counters, "What became of the orphans")
        _artifacts.unmatched(opened)
    return counters


@flow(name="nightly", flow_run_name="nightly {store}")
def nightly(store: str, source: str, ref: str | None = None) -> dict[str, int]:
    """Bring the catalogue up to date; once that is done, try the orphans it concerns."""
    changed = sync_catalogue(store, source, ref)
    return changed | deorphan(store, only_changed=True)
