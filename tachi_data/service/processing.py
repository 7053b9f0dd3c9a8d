"""Carrying imports out: here and now, or by a worker that the import is handed to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from fastapi.responses import Response

from tachi_data.backlog import queue
from tachi_data.backlog.gathering import Gathering, Lane
from tachi_data.clock import unix_ms
from tachi_data.documents.imports import with_v3
from tachi_data.errors import UNEXPECTED, ImportFatal
from tachi_data.importing import ImportJob, ImportOutcome
from tachi_data.importing.failures import Failure, report_failures
from tachi_data.orphans import reprocess_orphans
from tachi_data.players.accounts import Caller, find_callers
from tachi_data.players.locks import CONFLICT
from tachi_data.reference.canonical import json_text
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.logging import about_import
from tachi_data.service.settings import Settings
from tachi_data.store import Store

log = logging.getLogger("tachi_data.service")
BUSY = "import_ongoing"


class Admitted(Protocol):
    """A caller who may import, as far as is known: see `tachi_data.service.callers.admission`."""

    @property
    def key(self) -> tuple[bool, str] | None:
        """What the caller has to be looked up by first; None where it is certain that they may."""

    def judge(self, found: Caller | None) -> None:
        """Raise ApiError where what was found says that the caller may not any more."""

    def confirm(self) -> object:
        """Look the caller up at once, and raise ApiError where they may not any more."""


class Processor:
    """Handles accepted imports in the mode that the settings ask for.

    A player has one import at a time. All that is running is counted, so that a shutdown can wait for it.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._idle = threading.Condition()
        self._running = 0
        self._players: dict[int, str | None] = {}
        self._stopping = threading.Event()
        self._gathering = Gathering[tuple[ImportJob, Admitted], ImportOutcome](self._do_set)
        self._failures = Lane[Failure, None]("failures", self._record)

    def handle(self, job: ImportJob, admission: Admitted, url: str) -> Response:
        """Returns the ImportDocument (200), or that the import is accepted (202).

        Both have the ``url`` at which clients poll: many only know the second form of the answer.
        """
        if not self.settings.external_processing:
            return success("Imported scores.", {**with_v3(self.run(job, admission)), "url": url})
        admission.confirm()
        self._accept(job)
        return success("Accepted the import.", {"url": url, "importID": job.import_id}, 202)

    def run(self, job: ImportJob, admission: Admitted) -> dict[str, Any]:
        """Do an import now, together with others that arrive; returns its ImportDocument.

        Raises:
            ImportFatal: The import as a whole is refused.
            ApiError: 409, another import of the player is running; or the caller may not any more.
        """
        started = unix_ms()
        with about_import(job.import_id), self._counted():
            log.info("import started", extra={"type": job.import_type, "user": job.user_id})
            try:
                with self.turn(job.user_id, job.import_id):
                    outcome = self._in_its_set(job, admission)
            except ImportFatal as fatal:
                log.info("import refused", extra={"status": fatal.status_code})
                raise _worded(fatal) from None
            except ApiError as refused:
                if refused.code == BUSY:
                    self._report(job, started, ImportFatal(refused.status, refused.description))
                raise
            except Exception:
                self._report(job, started, ImportFatal(500, UNEXPECTED))
                raise
            scores, errors = len(outcome.document["scoreIDs"]), len(outcome.document["errors"])
            log.info("import done", extra={"scores": scores, "errors": errors})
            return outcome.answer

    def _in_its_set(self, job: ImportJob, admission: Admitted) -> ImportOutcome:
        """Fetch what has to be fetched, and let the import be part of the next set."""
        if job.source is None:
            admission.confirm()
            job = queue.fetch_noted(self.store, self.settings.spool, job)
        size = len(job.source if isinstance(job.source, bytes) else json_text(job.source).encode())
        outcome = self._gathering.submit((job, admission), size).result()
        if outcome.fatal is not None:
            raise outcome.fatal
        return outcome

    def _do_set(
        self, asked: Sequence[tuple[ImportJob, Admitted]]
    ) -> list[ImportOutcome | Exception]:
        """Do a set of imports, of callers who may; the others are refused."""
        keys = {key for _, admission in asked if (key := admission.key) is not None}
        found = find_callers(self.store, keys) if keys else {}
        results: dict[str, ImportOutcome | Exception] = {}
        for job, admission in asked:
            try:
                if admission.key is not None:
                    admission.judge(found.get(admission.key))
            except ApiError as refused:
                results[job.import_id] = refused
        jobs = [job for job, _ in asked if job.import_id not in results]
        outcomes = queue.run_noted(self.store, self.settings.spool, jobs)
        results |= {job.import_id: o for job, o in zip(jobs, outcomes, strict=True)}
        return [results[job.import_id] for job, _ in asked]

    def run_in_background(self, job: ImportJob) -> None:
        """Take an import on, which nobody waits for."""
        self._accept(job)
        if not self.settings.external_processing:
            self.start(self._work_off)

    def resume(self) -> None:
        """What a service that ended in the middle has left: to be done, or reported as failed."""
        queue.recover(self.store)
        queue.report_left_behind(self.store, self.settings.spool)
        if self.settings.external_processing:
            self.nudge()
        else:
            self.start(self._work_off)

    def _work_off(self) -> None:
        """Do what is queued. Where an import has to wait for another one, so does this."""
        queue.work(self.store, self.settings.spool)
        while queue.is_unfinished(self.store) and not self._stopping.wait(2):
            queue.work(self.store, self.settings.spool)

    def reprocess(self, user_id: int, admission: Admitted) -> dict[str, int]:
        """Try a player's orphans again, as many as the time allows; the others in the background.

        Raises:
            ImportFatal: 409, another import of the player is running.
            ApiError: The same, in this process; or the caller may not any more.
        """
        with self._counted(), self.turn(user_id):
            admission.confirm()
            try:
                budget = self.settings.orphan_budget_s
                report = reprocess_orphans(self.store, [user_id], budget_s=budget)
            except ImportFatal as fatal:
                raise _worded(fatal) from None
        if not report.is_finished:
            self.start(partial(reprocess_orphans, self.store, [user_id]))
        names = ("processed", "failed", "success", "removed")
        return {name: getattr(report, name) for name in names}

    def _accept(self, job: ImportJob) -> None:
        with about_import(job.import_id):
            queue.accept(self.store, self.settings.spool, job)
            log.info("import accepted", extra={"type": job.import_type, "user": job.user_id})
        self.nudge()

    @contextmanager
    def turn(self, user_id: int, import_id: str | None = None) -> Iterator[None]:
        """The player's turn, for an import or something that none may run beside.

        Raises:
            ApiError: 409, it is taken.
        """
        with self._idle:
            self.refuse_if_taken(user_id)
            self._players[user_id] = import_id
        try:
            yield
        finally:
            with self._idle:
                del self._players[user_id]

    def refuse_if_taken(self, user_id: int) -> None:
        """Refuse what would have to wait for the player's turn.

        Raises:
            ApiError: 409, it is taken.
        """
        with self._idle:
            if user_id in self._players:
                raise busy(self._players[user_id])

    def _report(self, job: ImportJob, started: int, fatal: ImportFatal) -> None:
        """Record a failure, later: the store may be busy with what was in the way."""
        failure = Failure(replace(job, source=None), fatal, started)
        self._begin()
        self._failures.submit(failure, size=0).add_done_callback(self._end_report)

    def _record(self, failures: Sequence[Failure]) -> list[None]:
        """Record the failures that came up since the last time, together."""
        report_failures(self.store, failures)
        return [None] * len(failures)

    def _end_report(self, recorded: Future[None]) -> None:
        if (error := recorded.exception()) is not None:
            log.error("a failure could not be recorded", exc_info=error)
        self._end()

    def start(self, work: Callable[[], object]) -> None:
        """Do something in a thread of its own, which a shutdown waits for."""

        def counted() -> None:
            with self._counted():
                try:
                    work()
                except Exception:
                    log.exception("work in the background failed")

        threading.Thread(target=counted, daemon=True).start()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._begin()
        try:
            yield
        finally:
            self._end()

    def _begin(self) -> None:
        with self._idle:
            self._running += 1

    def _end(self) -> None:
        with self._idle:
            self._running -= 1
            self._idle.notify_all()

    def nudge(self) -> None:
        """Tell the Prefect deployment, where there is one, that an import is waiting."""
        if self.settings.external_processing and self.settings.deployment:
            threading.Thread(
                target=_run_deployment, args=(self.settings.deployment,), daemon=True
            ).start()

    def wait(self, seconds: float) -> bool:
        """Wait for all that is running, and start no more; whether it finished."""
        self._stopping.set()
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, seconds)


def _worded(fatal: ImportFatal) -> ImportFatal | ApiError:
    """A conflict with another process looks like one with this."""
    return busy(None) if fatal.status_code == 409 else fatal


def busy(import_id: str | None) -> ApiError:
    """The refusal of an import beside another one of the player."""
    extra = {} if import_id is None else {"importID": import_id}
    return ApiError(409, CONFLICT, code=BUSY, headers={"Retry-After": "5"}, extra=extra)


def _run_deployment(name: str) -> None:
    try:
        from prefect.deployments import run_deployment

        run_deployment(name, timeout=0)
    except Exception:
        # The import is safe in the queue; the worker's schedule will find it.
        log.exception("the deployment %s could not be started", name)
