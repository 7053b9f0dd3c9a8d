"""What there is once for a store, however many processes answer: turns of players, counts, sets of imports.

With one process this is an object in it. With several (`tachi-data serve --workers`) it is in the process that started
them, and they ask it by `multiprocessing.managers`: so all imports that arrive, through whichever process, are
gathered into the same sets.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any, Protocol

from duckdb import DuckDBPyConnection

from tachi_data.backlog import queue
from tachi_data.backlog.gathering import Gathering, Lane
from tachi_data.errors import ImportFatal
from tachi_data.importing import ImportJob, ImportOutcome
from tachi_data.importing.failures import Failure, report_failures
from tachi_data.players.accounts import Caller, find_callers
from tachi_data.players.locks import CONFLICT
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.http.limits import Counts
from tachi_data.service.settings import Settings
from tachi_data.store import Store

log = logging.getLogger("tachi_data.service")
BUSY = "import_ongoing"


class Claim(Protocol):
    """What the store is asked about a remembered caller before their import is done."""

    @property
    def key(self) -> tuple[bool, str]:
        """What the caller has to be looked up by."""

    def judge(self, found: Caller | None) -> None:
        """Raise ApiError where what was found says that the caller may not any more."""


class NotAllAdmitted(Exception):
    """The caller of an import of a set may not import any more."""


def refusals(claims: Mapping[str, Claim], con: DuckDBPyConnection) -> dict[str, ApiError]:
    """Ask the store about callers.

    Args:
        claims: The claim of each import.
        con: A transaction.

    Returns:
        Why imports are refused, by their IDs.
    """
    keys = {claim.key for claim in claims.values()}
    found = find_callers(keys, con) if keys else {}
    refused = {}
    for import_id, claim in claims.items():
        try:
            claim.judge(found.get(claim.key))
        except ApiError as error:
            refused[import_id] = error
    return refused


class Work:
    """Counts what is running, so that a shutdown can wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self.stopping = threading.Event()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the block as running."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Count one more."""
        with self._changed:
            self._running += 1

    def end(self) -> None:
        """Count one less."""
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def start(self, work: Callable[[], object]) -> None:
        """Do something in a thread of its own, which a shutdown waits for."""

        def counted() -> None:
            with self.counted():
                try:
                    work()
                except Exception:
                    log.exception("work in the background failed")

        threading.Thread(target=counted, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for all that is running; returns whether it finished."""
        self.stopping.set()
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, seconds)


@dataclass(frozen=True)
class Turn:
    """The turn of a player: the import it is for, if it is for one, and the process that took it."""

    import_id: str | None
    process: int


class Centre:
    """Carries imports out in sets, one import of a player at a time.

    Args:
        store: The store.
        settings: The settings of the service.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.work = Work()
        self._turns: dict[int, Turn] = {}
        # The imports that are part of a set, also of those whose process has been killed since.
        self._doing: set[str | None] = set()
        self._lock = threading.Lock()
        self._counts = Counts()
        self._gathering = Gathering[tuple[ImportJob, Claim | None], ImportOutcome](self._do_set)
        self._failures = Lane[Failure, None]("failures", self._record)

    def count(self, kind: str, key: str, step: int = 1) -> int:
        """Count something within this minute: see `Counts`."""
        return self._counts.count(kind, key, step)

    def take_turn(self, user_id: int, import_id: str | None, process: int) -> None:
        """Take the player's turn, for an import or something that none may run beside.

        Raises:
            ApiError: 409, it is taken.
        """
        with self._lock:
            self._refuse_if_taken(user_id)
            self._turns[user_id] = Turn(import_id, process)

    def end_turn(self, user_id: int) -> None:
        """Give the player's turn back."""
        with self._lock:
            self._turns.pop(user_id, None)

    def refuse_if_taken(self, user_id: int) -> None:
        """Refuse what would have to wait for the player's turn.

        Raises:
            ApiError: 409, it is taken.
        """
        with self._lock:
            self._refuse_if_taken(user_id)

    def _refuse_if_taken(self, user_id: int) -> None:
        turn = self._turns.get(user_id)
        if turn is None:
            return
        if _is_alive(turn.process) or turn.import_id in self._doing:
            raise busy(turn.import_id)
        del self._turns[user_id]

    def do(self, job: ImportJob, claim: Claim | None, size: int) -> dict[str, Any]:
        """Do an import in the next set; returns its document with what answers have beside it.

        Args:
            job: The import, with its source.
            claim: What has to be asked about its caller first; None where they are certain.
            size: The bytes of its source.

        Raises:
            ImportFatal: The import as a whole is refused.
            ApiError: The caller may not any more.
        """
        with self.work.counted(), self._part_of_set(job):
            outcome = self._gathering.submit((job, claim), size).result()
        if outcome.fatal is not None:
            raise outcome.fatal
        return outcome.answer

    @contextmanager
    def _part_of_set(self, job: ImportJob) -> Iterator[None]:
        self._doing.add(job.import_id)
        try:
            yield
        finally:
            self._doing.discard(job.import_id)

    def _do_set(
        self, asked: Sequence[tuple[ImportJob, Claim | None]]
    ) -> list[ImportOutcome | Exception]:
        """Do a set of imports; those of callers who may not any more are refused, and it is done without them."""
        refused = dict[str, ApiError]()

        def ask(con: DuckDBPyConnection) -> None:
            claims = {j.import_id: c for j, c in asked if c and j.import_id not in refused}
            now_refused = refusals(claims, con)
            refused.update(now_refused)
            if now_refused:
                raise NotAllAdmitted

        while True:
            jobs = [job for job, _ in asked if job.import_id not in refused]
            with suppress(NotAllAdmitted):
                outcomes = queue.run_noted(self.store, self.settings.spool, jobs, guard=ask)
                break
        done = dict(zip([job.import_id for job in jobs], outcomes, strict=True))
        return [refused.get(job.import_id) or done[job.import_id] for job, _ in asked]

    def report(self, failure: Failure) -> None:
        """Record a failure, later: the store may be busy with what was in the way."""
        self.work.begin()
        self._failures.submit(failure, size=0).add_done_callback(self._end_report)

    def _record(self, failures: Sequence[Failure]) -> list[None]:
        """Record the failures that came up since the last time, together."""
        report_failures(self.store, failures)
        return [None] * len(failures)

    def _end_report(self, recorded: Future[None]) -> None:
        if (error := recorded.exception()) is not None:
            log.error("a failure could not be recorded", exc_info=error)
        self.work.end()

    def resume(self) -> None:
        """What a service that ended in the middle has left: to be done, or reported as failed."""
        queue.recover(self.store, self.settings.spool)
        queue.report_left_behind(self.store, self.settings.spool)
        if self.settings.external_processing:
            self.nudge()
        else:
            self.work_off()

    def nudge(self) -> None:
        """Tell the Prefect deployment, where there is one, that an import is waiting."""
        if self.settings.external_processing and self.settings.deployment:
            threading.Thread(
                target=_run_deployment, args=(self.settings.deployment,), daemon=True
            ).start()

    def work_off(self) -> None:
        """Do what is queued, in the background."""
        self.work.start(self._work_off)

    def _work_off(self) -> None:
        """Do what is queued. Where an import has to wait for another one, so does this."""
        queue.work(self.store, self.settings.spool)
        while queue.is_unfinished(self.store) and not self.work.stopping.wait(2):
            queue.work(self.store, self.settings.spool)


def _run_deployment(name: str) -> None:
    try:
        from prefect.deployments import run_deployment

        run_deployment(name, timeout=0)
    except Exception:
        # The import is safe in the queue; the worker's schedule will find it.
        log.exception("the deployment %s could not be started", name)


def busy(import_id: str | None) -> ApiError:
    """The refusal of an import beside another one of the player."""
    extra = {} if import_id is None else {"importID": import_id}
    return ApiError(409, CONFLICT, code=BUSY, headers={"Retry-After": "5"}, extra=extra)


def worded(fatal: ImportFatal) -> ImportFatal | ApiError:
    """A conflict with another process looks like one with this."""
    return busy(None) if fatal.status_code == 409 else fatal


def _is_alive(process: int) -> bool:
    """Whether a process of this service is there; the one that started it takes leave of those that end."""
    return process == os.getpid() or Path(f"/proc/{process}").exists()


class _Manager(BaseManager):
    """Gives other processes a centre."""


@dataclass(frozen=True)
class Address:
    """Where other processes of this service reach its centre."""

    socket: str
    key: bytes

    def connect(self) -> Centre:
        """Returns the centre as this process can ask it, and ends this process when the one of the centre has ended."""
        manager = _Manager(self.socket, self.key)
        manager.connect()
        threading.Thread(target=_end_with_parent, daemon=True).start()
        centre: Centre = manager.centre()  # type: ignore[attr-defined]
        return centre


def offered(centre: Centre, folder: Path) -> Address:
    """Let other processes ask a centre, by a socket in a folder that only this account may enter."""
    address = Address(str(folder / "centre"), secrets.token_bytes(32))
    _Manager.register("centre", callable=lambda: centre, exposed=ASKED)
    server = _Manager(address.socket, address.key).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return address


ASKED = ("count", "do", "end_turn", "nudge", "refuse_if_taken", "report", "take_turn", "work_off")
_Manager.register("centre", exposed=ASKED)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
