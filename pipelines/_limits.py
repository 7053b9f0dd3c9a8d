"""How many runs may do something at once; the limits are made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency


@contextmanager
def at_most(slots: int, name: str) -> Iterator[None]:
    """Wait for one of the slots of this name. Without a limit of that name Prefect would not wait."""
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(name, slots)
    with concurrency(name, occupy=1, strict=True):
        yield
