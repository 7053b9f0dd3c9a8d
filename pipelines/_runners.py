"""Where the tasks of a flow run that can be done side by side: in threads here, or on Dask workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipelines import _artifacts


def runner(dask_address: str | None) -> TaskRunner[Any]:
    """Threads, or the workers of the Dask scheduler at this address (``tcp://host:8786``)."""
    if dask_address is None:
        # One DuckDB file has one writer at a time, so more threads would only wait.
        return ThreadPoolTaskRunner(max_workers=2)
    from prefect_dask.task_runners import DaskTaskRunner

    runner: TaskRunner[Any] = DaskTaskRunner(address=dask_address)
    return runner


def all_done(runs: Sequence[PrefectFuture[Any]], key: str, description: str) -> list[Any]:
    """Return the results of the runs when all have ended; a bar shows how many have.

    Raises:
        RuntimeError: Some failed; the work of the others stays done.
    """
    advance = _artifacts.progress(f"{key}-progress", description)
    failures: list[Exception] = []
    results: list[Any] = []
    for count, run in enumerate(runs, start=1):
        result = run.result(raise_on_failure=False)
        if isinstance(result, Exception):
            failures.append(result)
        else:
            results.append(result)
        advance(count, len(runs))
    if failures:
        first = f"{type(failures[0]).__name__}: {failures[0]}"
        raise RuntimeError(f"{len(failures)} of {len(runs)} parts failed. The first one: {first}")
    return results
