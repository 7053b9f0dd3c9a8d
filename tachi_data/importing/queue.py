"""Imports that are accepted now and done later, by another process.

An accepted import is a file in the spool folder and a tracker in the store; both survive a crash of
whoever accepted it and of whoever works on it. Imports of one user are done in the order of acceptance,
one at a time. States: QUEUED, RUNNING, FAILED; a finished import has a document and no tracker.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data.documents._import import stored_import
from tachi_data.errors import ImportFatal
from tachi_data.importing import import_scores
from tachi_data.importing._reading import ImportJob
from tachi_data.importing._sql import first_row, sql
from tachi_data.store import Store, insert

HEARTBEAT_S = 15.0
DEAD_AFTER_MS = 90_000
TIME = pl.Datetime("ms")


def accept(store: Store, spool: Path, job: ImportJob) -> None:
    """Take an import on: when this returns, it will be done or reported as failed."""
    folder = spool / job.import_id
    folder.mkdir(parents=True)
    content = job.source if isinstance(job.source, bytes) else json.dumps(job.source).encode()
    _write(folder / "source", content)
    facts = {
        "importType": job.import_type,
        "userID": job.user_id,
        "userIntent": job.user_intent,
        "options": dict(job.options),
        "isFile": isinstance(job.source, bytes),
    }
    _write(folder / "job.json", json.dumps(facts).encode())
    tracker = pl.DataFrame(
        {
            "import_id": [job.import_id],
            "import_type": [job.import_type],
            "user_id": [job.user_id],
            "user_intent": [job.user_intent],
            "status": ["QUEUED"],
            "progress": ["Waiting for a worker"],
            "time_started": [time.time_ns() // 1_000_000],
        }
    ).with_columns(pl.col("time_started").cast(TIME))
    with store.write() as con:
        insert(con, "import_trackers", tracker)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def work(store: Store, spool: Path) -> int:
    """Do the queued imports until none is left; gives how many."""
    recover(store)
    count = 0
    while (import_id := _claim(store)) is not None:
        _do(store, spool, import_id)
        count += 1
    return count


def recover(store: Store) -> None:
    """Put imports of workers that died back into the queue; forget those that were finished."""
    limit = time.time_ns() // 1_000_000 - DEAD_AFTER_MS
    with store.write() as con:
        con.execute(sql("forget_finished"))
        con.execute(sql("requeue_dead"), {"limit": limit})


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def _claim(store: Store) -> str | None:
    """The oldest queued import of a user who has none running, now ours."""
    with store.write() as con:
        row = first_row(con, sql("next_job"))
        if row is None:
            return None
        now = time.time_ns() // 1_000_000
        con.execute(sql("claim_job"), {"import_id": row[0], "owner": _owner(), "now": now})
        return str(row[0])


def _do(store: Store, spool: Path, import_id: str) -> None:
    folder = spool / import_id
    try:
        facts = json.loads((folder / "job.json").read_bytes())
        content = (folder / "source").read_bytes()
        with _heartbeat(store, import_id):
            import_scores(
                store,
                facts["importType"],
                content if facts["isFile"] else json.loads(content),
                user_id=facts["userID"],
                user_intent=facts["userIntent"],
                options=facts["options"],
                import_id=import_id,
            )
    except ImportFatal as fatal:
        fail(store, import_id, fatal.status_code, fatal.message)
    except FileNotFoundError:
        fail(store, import_id, 500, "The uploaded file is gone.")
    except Exception:
        fail(store, import_id, 500, "An unexpected error occurred.")
        raise
    else:
        with store.write() as con:
            con.execute("DELETE FROM import_trackers WHERE import_id = ?", [import_id])
    for name in ("source", "job.json"):
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()


def fail(store: Store, import_id: str, status_code: int, message: str) -> None:
    """Report an import as failed."""
    with store.write() as con:
        con.execute(
            "UPDATE import_trackers SET status = 'FAILED', message = ?, status_code = ? WHERE import_id = ?",
            [message, status_code, import_id],
        )


@contextmanager
def _heartbeat(store: Store, import_id: str) -> Iterator[None]:
    """Say every few seconds that the import is being worked on."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_S):
            with store.write() as con:
                now = time.time_ns() // 1_000_000
                con.execute(sql("beat"), {"import_id": import_id, "now": now})

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
        row = first_row(
            con,
            "SELECT status, progress, status_code, message, user_id FROM import_trackers WHERE import_id = ?",
            [import_id],
        )
    if row is None:
        return None
    names = ("status", "progress", "status_code", "message", "user_id")
    return dict(zip(names, (str(row[0]).lower(), *row[1:]), strict=True))


def new_import_id() -> str:
    """20 random bytes as 40 hex digits."""
    return secrets.token_hex(20)
