"""Threads for requests that wait long, so that they do not keep the threads of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

MOST_WAITING = 1000
Result = TypeVar("Result")
_waiting = CapacityLimiter(MOST_WAITING)


async def run_waiting(work: Callable[[], Result]) -> Result:
    """Do something that waits for the store, in a thread of its own kind; returns its result.

    Starlette's threads, of which there are forty, are left to pages, status and look-ups.
    """
    return await run_sync(work, limiter=_waiting)
