"""Carrying imports out: here and now, or by a worker that the import is handed to."""

from __future__ import annotations

import logging
import threading

from fastapi.responses import Response

from tachi_data.api._envelope import success
from tachi_data.api._settings import Settings
from tachi_data.importing import ImportJob, import_scores, queue
from tachi_data.store import Store

log = logging.getLogger("tachi_data.api")


class Processor:
    """Handles accepted imports in the mode that the settings ask for.

    Running imports are counted, so that a shutdown can wait for them.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._idle = threading.Condition()
        self._running = 0

    def handle(self, job: ImportJob) -> Response:
        """The ImportDocument (200), or where to poll for it (202)."""
        log.info("import %s of type %s for user %d", job.import_id, job.import_type, job.user_id)
        if self.settings.external_processing:
            return self._hand_over(job)
        with self._idle:
            self._running += 1
        try:
            document = self._import(job)
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()
        return success("Imported scores.", document)

    def _import(self, job: ImportJob) -> object:
        outcome = import_scores(
            self.store,
            job.import_type,
            job.source,
            user_id=job.user_id,
            user_intent=job.user_intent,
            options=job.options,
            import_id=job.import_id,
        )
        return outcome.document

    def _hand_over(self, job: ImportJob) -> Response:
        queue.accept(self.store, self.settings.spool, job)
        self.nudge()
        url = f"{self.settings.base_url.rstrip('/')}/api/v1/imports/{job.import_id}/poll-status"
        return success("Accepted the import.", {"url": url, "importID": job.import_id}, 202)

    def nudge(self) -> None:
        """Tell the Prefect deployment, where there is one, that an import is waiting."""
        if self.settings.deployment:
            threading.Thread(
                target=_run_deployment, args=(self.settings.deployment,), daemon=True
            ).start()

    def wait(self, seconds: float) -> bool:
        """Wait for running imports; whether all finished."""
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, seconds)


def _run_deployment(name: str) -> None:
    try:
        from prefect.deployments import run_deployment

        run_deployment(name, timeout=0)
    except Exception:
        # The import is safe in the queue; the worker's schedule will find it.
        log.exception("the deployment %s could not be started", name)
