"""Imports that are accepted now and done later, by another process.

An accepted import is a file in the spool folder and a tracker in the store; both survive a crash of
whoever accepted it and of whoever works on it. Imports of one user are done in the order of acceptance,
one at a time. States: QUEUED, RUNNING, FAILED; a finished import has a document and no tracker.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data.backlog import spool as _spool
from tachi_data.clock import unix_ms
from tachi_data.documents.imports import stored_import
from tachi_data.errors import UNEXPECTED, ImportFatal
from tachi_data.import_types import all_import_types
from tachi_data.importing import ImportJob, ImportOutcome
from tachi_data.importing.failures import report_failures
from tachi_data.imports import import_many
from tachi_data.players import client_settings
from tachi_data.players.locks import free
from tachi_data.store import Store, first_row, insert, query, statements

sql = statements("tachi_data.backlog")

__all__ = [
    "accept",
    "fail",
    "is_unfinished",
    "progress",
    "recover",
    "report_failures",
    "report_left_behind",
    "run",
    "run_noted",
    "state",
    "work",
]

log = logging.getLogger("tachi_data.importing")
HEARTBEAT_S = 15.0
DEAD_AFTER_MS = 90_000
# After a conflict with another import of the player, seconds to wait are at most so many, to the power
# of the attempt.
PATIENCE, MOST_ATTEMPTS = 4, 7
STOPPED = "The service was stopped while it did this import."
TIME = pl.Datetime("ms")


def accept(store: Store, spool: Path, job: ImportJob) -> None:
    """Take an import on: when this returns, it will be done or reported as failed."""
    _spool.put(spool, job)
    tracker = pl.DataFrame(
        {
            "import_id": [job.import_id],
            "import_type": [job.import_type],
            "user_id": [job.user_id],
            "user_intent": [job.user_intent],
            "status": ["QUEUED"],
            "progress": ["Waiting for a worker"],
            "time_started": [unix_ms()],
        }
    ).with_columns(pl.col("time_started").cast(TIME))
    with store.write() as con:
        insert(con, "import_trackers", tracker)


def work(store: Store, spool: Path) -> int:
    """Do the queued imports until none is left; returns how many."""
    recover(store)
    _sweep(store, spool)
    count = 0
    while (claimed := _claim(store)) is not None:
        _do(store, spool, *claimed)
        count += 1
    return count


def recover(store: Store) -> None:
    """Put imports of workers that died back into the queue; forget those that were finished."""
    limit = unix_ms() - DEAD_AFTER_MS
    with store.write() as con:
        con.execute(sql("forget_finished"))
        con.execute(sql("requeue_dead"), {"limit": limit})


def report_left_behind(store: Store, spool: Path) -> int:
    """Report imports as failed that a service was doing when it died; returns how many there were."""
    found = list(_spool.left_behind(spool))
    done = _settled(store, [job.import_id for job, _ in found])
    for job, started in found:
        if job.import_id not in done:
            report_failures(store, [(job, ImportFatal(500, STOPPED))], started)
        _spool.remove(spool, job.import_id)
    _sweep(store, spool)
    return len(found)


def _settled(store: Store, import_ids: list[str]) -> set[str]:
    if not import_ids:
        return set()
    return set(store.query(sql("settled_jobs"), {"ids": import_ids})["import_id"].to_list())


def _sweep(store: Store, spool: Path) -> None:
    """Remove uploads of imports that have ended, whose worker died before it could."""
    for import_id in _settled(store, _spool.import_ids(spool)):
        if not _spool.is_note(spool, import_id):
            _spool.remove(spool, import_id)


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def _claim(store: Store) -> tuple[str, int] | None:
    """The oldest queued import of a user who has none running, now ours, and the attempt's number."""
    with store.write() as con:
        now = unix_ms()
        row = first_row(con, sql("next_job"), {"now": now})
        if row is None:
            return None
        claim = {"import_id": row[0], "owner": _owner(), "now": now}
        ((attempt,),) = con.execute(sql("claim_job"), claim).fetchall()
        return str(row[0]), int(attempt)


def _do(store: Store, spool: Path, import_id: str, attempt: int) -> None:
    try:
        job = _spool.get(spool, import_id)
        with _heartbeat(store, import_id):
            run(store, spool, job)
    except ImportFatal as fatal:
        if fatal.status_code == 409 and attempt < MOST_ATTEMPTS:
            _put_back(store, import_id, attempt)
            return
        fail(store, import_id, fatal.status_code, fatal.message)
        if fatal.status_code == 409:
            with store.write() as con:
                free(job.user_id, con)
    except FileNotFoundError:
        fail(store, import_id, 500, "The uploaded file is gone.")
    except Exception:
        log.exception("import %s failed unexpectedly", import_id)
        fail(store, import_id, 500, UNEXPECTED)
    else:
        with store.write() as con:
            con.execute(sql("forget_job"), {"import_id": import_id})
    _spool.remove(spool, import_id)


def run(store: Store, spool: Path, job: ImportJob) -> ImportOutcome:
    """Do one import, and tell in the spool folder how far it is.

    Raises:
        ImportFatal: The import as a whole is refused.
    """
    (outcome,) = import_many(store, [job], progress=partial(_spool.say, spool, job.import_id))
    if outcome.fatal is not None:
        raise outcome.fatal
    client_settings.consume(store, all_import_types()[job.import_type], job.user_id)
    return outcome


def run_noted(store: Store, spool: Path, job: ImportJob) -> ImportOutcome:
    """Do one import now; if this process dies meanwhile, `report_left_behind` will tell."""
    with _spool.noted(spool, job):
        return run(store, spool, job)


def progress(spool: Path, import_id: str) -> str | None:
    """How far an import is that has not ended; None where that has to be looked up (`state`)."""
    return _spool.progress(spool, import_id)


def _put_back(store: Store, import_id: str, attempt: int) -> None:
    """Try again after a while: between half and all of a bound that grows."""
    wait_s = PATIENCE**attempt * random.uniform(0.5, 1)
    with store.write() as con:
        values = {"import_id": import_id, "not_before": unix_ms() + int(wait_s * 1000)}
        con.execute(sql("put_back"), values)


def fail(store: Store, import_id: str, status_code: int, message: str) -> None:
    """Report an import as failed."""
    values = {"import_id": import_id, "status_code": status_code, "message": message}
    with store.write() as con:
        con.execute(sql("fail_job"), values)


def is_unfinished(store: Store) -> bool:
    """Whether any accepted import waits or is running."""
    with store.read() as con:
        return first_row(con, sql("unfinished_jobs")) is not None


@contextmanager
def _heartbeat(store: Store, import_id: str) -> Iterator[None]:
    """Say every few seconds that the import is being worked on."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_S):
            with store.write() as con:
                con.execute(sql("beat"), {"import_id": import_id, "now": unix_ms()})

    thread = threading.Thread(target=beat, name=f"heartbeat-{import_id[:8]}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def state(store: Store, import_id: str) -> dict[str, Any] | None:
    """``status`` (completed, queued, running, failed) of an import with its document or error."""
    with store.read() as con:
        document = stored_import(con, import_id)
        if document is not None:
            return {"status": "completed", "import": document}
        found = query(con, sql("job_state"), {"import_id": import_id})
    return next(found.iter_rows(named=True), None)
