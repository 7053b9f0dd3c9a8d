"""Do the imports that the HTTP service has accepted, in its external mode."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from tachi_data.backlog import queue


@task(cache_policy=NO_CACHE, task_run_name="work")
def work(store: td.Store, spool: str) -> int:
    """Do the queued imports until none is left; returns how many."""
    return queue.work(store, Path(spool))


@flow(name="process-accepted", flow_run_name="accepted imports of {spool}")
def process_accepted(store: str, spool: str) -> int:
    """Do the accepted imports; several of these flows share the queue."""
    with td.open_store(store) as opened:
        return work(opened, spool)
