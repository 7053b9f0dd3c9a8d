"""How long transactions hold a store, measured at its lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tachi_data.store._locking import FairLock


@contextmanager
def turns() -> Iterator[list[float]]:
    """The seconds of each turn to write that this process takes within the block."""
    seconds: list[float] = []
    hold = FairLock.hold

    @contextmanager
    def measured(lock: FairLock, *, writing: bool) -> Iterator[None]:
        with hold(lock, writing=writing):
            started = time.perf_counter()
            try:
                yield
            finally:
                if writing:
                    seconds.append(time.perf_counter() - started)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FairLock, "hold", measured)
        yield seconds
