"""Where the tasks of a sharded flow run: in this process, or on Dask workers."""

from __future__ import annotations

from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner


def runner(dask_address: str | None) -> TaskRunner[Any]:
    """Threads, or the workers of the Dask scheduler at this address (``tcp://host:8786``)."""
    if dask_address is None:
        # One DuckDB file has one writer at a time, so more threads would only wait.
        return ThreadPoolTaskRunner(max_workers=2)
    from prefect_dask.task_runners import DaskTaskRunner

    runner: TaskRunner[Any] = DaskTaskRunner(address=dask_address)
    return runner
