"""Carrying imports out: here and now, or by a worker that the import is handed to."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from fastapi.responses import Response

from tachi_data.backlog import queue
from tachi_data.clock import unix_ms
from tachi_data.documents.imports import with_v3
from tachi_data.errors import UNEXPECTED, ImportFatal, bare
from tachi_data.importing import ImportJob
from tachi_data.importing.failures import Failure
from tachi_data.orphans import reprocess_orphans
from tachi_data.reference.canonical import json_text
from tachi_data.service.centre import BUSY, Centre, Claim, Work, worded
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.logging import about_import
from tachi_data.service.settings import Settings
from tachi_data.store import Store

log = logging.getLogger("tachi_data.service")


class Admitted(Protocol):
    """A caller who may import, as far as is known: see `tachi_data.service.callers.admission`."""

    @property
    def claim(self) -> Claim | None:
        """What has to be asked about the caller first; None where it is certain that they may."""

    def forget(self) -> None:
        """Forget the caller, who was remembered and may not any more."""

    def confirm(self) -> object:
        """Look the caller up at once, and raise ApiError where they may not any more."""


class Processor:
    """Handles accepted imports in the mode that the settings ask for.

    A player has one import at a time, and the centre does it. All that is running is counted, so that a shutdown can
    wait for it.

    Args:
        store: The store.
        settings: The settings of the service.
        centre: What there is once for the store: see `tachi_data.service.centre`.
    """

    def __init__(self, store: Store, settings: Settings, centre: Centre) -> None:
        self.store, self.settings, self.centre = store, settings, centre
        self.work = Work()

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
        with about_import(job.import_id), self.work.counted():
            log.info("import started", extra={"type": job.import_type, "user": job.user_id})
            try:
                with self.turn(job.user_id, job.import_id):
                    answer = self._in_its_set(job, admission)
            except ImportFatal as fatal:
                log.info("import refused", extra={"status": fatal.status_code})
                raise worded(bare(fatal)) from None
            except ApiError as refused:
                if refused.code == BUSY:
                    self._report(job, started, ImportFatal(refused.status, refused.description))
                raise
            except Exception:
                self._report(job, started, ImportFatal(500, UNEXPECTED))
                raise
            scores, errors = len(answer["scoreIDs"]), len(answer["errors"])
            log.info("import done", extra={"scores": scores, "errors": errors})
            return answer

    def _in_its_set(self, job: ImportJob, admission: Admitted) -> dict[str, Any]:
        """Fetch what has to be fetched, and let the import be part of the next set."""
        if job.source is None:
            admission.confirm()
            job = queue.fetch_noted(self.store, self.settings.spool, job)
        size = len(job.source if isinstance(job.source, bytes) else json_text(job.source).encode())
        try:
            return self.centre.do(job, admission.claim, size)
        except ApiError:
            admission.forget()
            raise

    def run_in_background(self, job: ImportJob) -> None:
        """Take an import on, which nobody waits for."""
        self._accept(job)
        if not self.settings.external_processing:
            self.centre.work_off()

    def reprocess(self, user_id: int, admission: Admitted) -> dict[str, int]:
        """Try a player's orphans again, as many as the time allows; the others in the background.

        Raises:
            ImportFatal: 409, another import of the player is running.
            ApiError: The same, in this process; or the caller may not any more.
        """
        with self.work.counted(), self.turn(user_id):
            admission.confirm()
            try:
                budget = self.settings.orphan_budget_s
                report = reprocess_orphans(self.store, [user_id], budget_s=budget)
            except ImportFatal as fatal:
                raise worded(bare(fatal)) from None
        if not report.is_finished:
            self.work.start(partial(reprocess_orphans, self.store, [user_id]))
        names = ("processed", "failed", "success", "removed")
        return {name: getattr(report, name) for name in names}

    def _accept(self, job: ImportJob) -> None:
        with about_import(job.import_id):
            queue.accept(self.store, self.settings.spool, job)
            log.info("import accepted", extra={"type": job.import_type, "user": job.user_id})
        self.centre.nudge()

    @contextmanager
    def turn(self, user_id: int, import_id: str | None = None) -> Iterator[None]:
        """The player's turn, for an import or something that none may run beside.

        Raises:
            ApiError: 409, it is taken.
        """
        self.centre.take_turn(user_id, import_id, os.getpid())
        try:
            yield
        finally:
            self.centre.end_turn(user_id)

    def _report(self, job: ImportJob, started: int, fatal: ImportFatal) -> None:
        self.centre.report(Failure(replace(job, source=None), fatal, started))
