"""Do the imports that the HTTP service has accepted, in its external mode."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _catalogue
from pipelines._outcome import ended, forget_nothing, nothing
from tachi_data.backlog import queue


@task(cache_policy=NO_CACHE, task_run_name="work")
def work(store: td.Store, spool: str) -> int:
    """Do the queued imports until none is left; returns how many."""
    return queue.work(store, Path(spool))


@flow(
    name="process-accepted",
    flow_run_name="accepted imports of {spool}",
    on_completion=[forget_nothing],
)
def process_accepted(store: str, spool: str, catalogue: str | None = None) -> int:
    """Do the accepted imports; several of these flows share the queue.

    Args:
        store: File or URL of the store.
        spool: Folder of the accepted files.
        catalogue: Folder or Git URL that is loaded first where the store has no catalogue.
    """
    problems = _catalogue.ready(store, catalogue)
    with td.open_store(store) as opened:
        done = work(opened, spool)
    if not done:
        return nothing(0)
    return ended(done, f"{done:,} accepted imports", problems)
