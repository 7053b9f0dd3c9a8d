"""Imports that arrive together are done together.

A set of one import costs nearly as much as a set of a hundred: the transaction costs most. So imports that
arrive while a set is being done wait for its end, and form the next set together. If no set is being done, an
import begins at once.

Clients that were answered together ask again nearly together. If the next set began with the first of them, every
second set would be tiny, and cost as much as a large one. So after a set of several imports, the next one waits for
a part of its time while more arrive, until it is as large.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tachi_data.errors import StoreError
from tachi_data.halving import each

# A set is bounded, so that nobody waits long for its end.
MOST_ITEMS, MOST_BYTES = 512, 4 * 1024 * 1024
# A larger source (some 2,000 datapoints of BATCH-MANUAL) goes through a lane of its own.
LARGE_BYTES = 512 * 1024
# After a set of several items, the next one waits for at most this part of the time that the set took.
PATIENCE = 0.5

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Waiting(Generic[Item, Result]):
    """An item that waits for its set, with its size in bytes."""

    item: Item
    size: int
    result: Future[Result] = field(default_factory=Future)


class Lane(Generic[Item, Result]):
    """A thread that does sets, one after the other: a set is made of the items that wait when the last one ends.

    An item that breaks its set is found by halving, and fails alone.

    Args:
        name: The name of the thread.
        work: Does a set, and returns one result or exception per item.
        most: How many items form a set at most.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        most: int = MOST_ITEMS,
    ) -> None:
        self._work, self._most = work, most
        self._waiting: deque[Waiting[Item, Result]] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        # As large as this a set becomes, if it does so until this moment.
        self._expected, self._until = 1, 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item, size: int) -> Future[Result]:
        """Let an item be part of the next set; returns its result to be."""
        waiting = Waiting[Item, Result](item, size)
        with self._changed:
            self._waiting.append(waiting)
            self._changed.notify()
        return waiting.result

    def close(self) -> None:
        """Do what waits, then end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (found := self._next()) is not None:
            # A client that went away before its turn does not hurt the others.
            ready = [w for w in found if w.result.set_running_or_notify_cancel()]
            started = time.monotonic()
            results = each([waiting.item for waiting in ready], self._work, (StoreError,))
            patience = PATIENCE * (time.monotonic() - started)
            for waiting, result in zip(ready, results, strict=True):
                if isinstance(result, Exception):
                    waiting.result.set_exception(result)
                else:
                    waiting.result.set_result(result)
            self._expected, self._until = len(ready), time.monotonic() + patience

    def _next(self) -> list[Waiting[Item, Result]] | None:
        """The next set, as far as a set may go; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if not self._waiting:
                return None
            self._let_others_come()
            found = [self._waiting.popleft()]
            size = found[0].size
            while self._waiting and len(found) < self._most:
                size += self._waiting[0].size
                if size > MOST_BYTES:
                    break
                found.append(self._waiting.popleft())
            return found

    def _let_others_come(self) -> None:
        """Wait until as many items are there as in the last set, but not for long after its end."""
        seconds = max(0.0, self._until - time.monotonic())
        self._changed.wait_for(
            lambda: len(self._waiting) >= self._expected or self._is_closed, seconds
        )


class Gathering(Generic[Item, Result]):
    """Small items go through one lane, large ones through another: no small one waits for a large one.

    Args:
        work: Does a set, and returns one result or exception per item.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result | Exception]]) -> None:
        self._small = Lane("small imports", work)
        self._large = Lane("large imports", work, most=1)

    def submit(self, item: Item, size: int) -> Future[Result]:
        """Let an item, whose source has so many bytes, be part of the next set."""
        return (self._small if size <= LARGE_BYTES else self._large).submit(item, size)

    def close(self) -> None:
        """Do what waits, then end."""
        self._small.close()
        self._large.close()
