"""Imports that arrive together are done together.

A set of one import costs nearly as much as a set of a hundred: what is dear is the transaction. So requests
that come in while a set is being done wait for each other, and form the next set. Nobody waits "in case":
where nothing is being done, an import begins at once.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from tachi_data.importing import ImportJob, ImportOutcome

log = logging.getLogger("tachi_data.service")

# A set is bounded, so that nobody waits long for its end.
MOST_JOBS, MOST_BYTES = 512, 4 * 1024 * 1024
# A source of more bytes (some 2,000 datapoints of BATCH-MANUAL) goes another way than small ones.
LARGE_BYTES = 512 * 1024

Work = Callable[[Sequence[ImportJob]], Sequence[ImportOutcome]]


@dataclass(frozen=True, eq=False)
class Waiting:
    """An import that waits for its set, with its size in bytes."""

    job: ImportJob
    size: int
    outcome: Future[ImportOutcome] = field(default_factory=Future)


class Lane:
    """A thread that does sets, one after the other, of whatever waits when it is free.

    Args:
        name: Of the thread.
        work: Does a set, and returns one outcome per job. An exception means that some import breaks the
            set: it is halved then, until that import fails alone.
        most_jobs: How many imports form a set at most.
    """

    def __init__(self, name: str, work: Work, most_jobs: int = MOST_JOBS) -> None:
        self._work, self._most_jobs = work, most_jobs
        self._waiting: deque[Waiting] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: ImportJob, size: int) -> Future[ImportOutcome]:
        """Let an import be part of the next set."""
        waiting = Waiting(job, size)
        with self._changed:
            self._waiting.append(waiting)
            self._changed.notify()
        return waiting.outcome

    def close(self) -> None:
        """Do what waits, then end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (found := self._next()) is not None:
            # A client that went away before its turn does not hurt the others.
            ready = [w for w in found if w.outcome.set_running_or_notify_cancel()]
            if ready:
                self._do(ready)

    def _next(self) -> list[Waiting] | None:
        """The next set: all that waits, as far as a set may go; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return None
            found, size = [self._waiting.popleft()], 0
            size = found[0].size
            while self._waiting and len(found) < self._most_jobs:
                size += self._waiting[0].size
                if size > MOST_BYTES:
                    break
                found.append(self._waiting.popleft())
            return found

    def _do(self, found: Sequence[Waiting]) -> None:
        try:
            outcomes = self._work([waiting.job for waiting in found])
        except Exception as error:
            if len(found) == 1:
                found[0].outcome.set_exception(error)
                return
            log.warning("a set of %d imports failed and is halved: %s", len(found), error)
            middle = len(found) // 2
            self._do(found[:middle])
            self._do(found[middle:])
            return
        for waiting, outcome in zip(found, outcomes, strict=True):
            waiting.outcome.set_result(outcome)


class Gathering:
    """Small imports go through one lane, large ones through another: nobody small waits for them."""

    def __init__(self, work: Work) -> None:
        self._small = Lane("small imports", work)
        self._large = Lane("large imports", work, most_jobs=1)

    def submit(self, job: ImportJob, size: int) -> Future[ImportOutcome]:
        """Let an import, whose source has so many bytes, be part of the next set."""
        lane = self._small if size <= LARGE_BYTES else self._large
        return lane.submit(job, size)

    def close(self) -> None:
        """Do what waits, then end."""
        self._small.close()
        self._large.close()
