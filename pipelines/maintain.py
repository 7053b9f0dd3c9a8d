"""Keep a DuckLake in shape: merge small files, forget old states, delete files that nothing needs."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts, _names
from pipelines._outcome import ended, forget_nothing, listed, nothing


@task(cache_policy=NO_CACHE, task_run_name="merge and expire")
def merge_and_expire(store: td.Store, keep_days: int) -> dict[str, int]:
    """All steps of the maintenance; returns how much each did."""
    done = td.maintain(store, keep_days=keep_days)
    _artifacts.table("lake-maintenance", done, "Maintenance of the lake")
    return dict(done.select("step", "count").iter_rows())


@task(cache_policy=NO_CACHE, task_run_name="derive stale scores again")
def derive_stale(store: td.Store) -> dict[str, int]:
    """Derive scores again whose rules have changed; returns how many of each game."""
    return dict(td.derive_again(store).select("game", "scores").iter_rows())


@flow(
    name="maintain",
    flow_run_name=_names.on_store("maintain"),
    on_completion=[forget_nothing],
)
def maintain(store: str, keep_days: int = 7) -> dict[str, int]:
    """Derive stale scores again, and maintain a DuckLake; a DuckDB file needs nothing more."""
    with td.open_store(store) as opened:
        derived = derive_stale(opened)
        done = {} if opened.path is not None else merge_and_expire(opened, keep_days)
    if not (derived or done):
        return nothing({})
    return ended(done, f"maintain: {listed(derived | done) or 'nothing to do'}")
