"""The spool folder: the sources of accepted imports, and the progress of running ones.

Each import has a folder of its own, named by its ID. ``job.json`` and ``source`` are an accepted import;
``running.json`` is a note of an import that a service does at once. ``progress`` is text for people. It is
kept here and not in the store, which nobody can read while an import writes to it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tachi_data.clock import unix_ms
from tachi_data.importing import ImportJob
from tachi_data.store import disk

IMPORT_ID = re.compile(r"[0-9a-f]{40}")
SOURCE, JOB, NOTE, PROGRESS = "source", "job.json", "running.json", "progress"


def put(spool: Path, job: ImportJob) -> None:
    """Write an import down so that it is on the disk when this returns."""
    folder = spool / job.import_id
    folder.mkdir(parents=True)
    content = job.source if isinstance(job.source, bytes) else json.dumps(job.source).encode()
    disk.write(folder / SOURCE, content)
    facts = _facts(job) | {
        "options": dict(job.options),
        "isFile": isinstance(job.source, bytes),
    }
    disk.write(folder / JOB, json.dumps(facts).encode())
    for directory in (folder, spool):
        disk.sync(directory)


def get(spool: Path, import_id: str) -> ImportJob:
    """An import that was put here.

    Raises:
        FileNotFoundError: It is gone.
    """
    folder = spool / import_id
    facts = json.loads((folder / JOB).read_bytes())
    content = (folder / SOURCE).read_bytes()
    return ImportJob(
        facts["importType"],
        content if facts["isFile"] else json.loads(content),
        facts["userID"],
        facts["userIntent"],
        facts["options"],
        import_id,
    )


def is_there(spool: Path, import_id: str) -> bool:
    """Whether the upload of an accepted import is still here."""
    return (spool / import_id / JOB).exists() and (spool / import_id / SOURCE).exists()


def size(spool: Path, import_id: str) -> int:
    """The size of an upload in bytes; 0 for one that is gone."""
    with suppress(FileNotFoundError):
        return (spool / import_id / SOURCE).stat().st_size
    return 0


def remove(spool: Path, import_id: str) -> None:
    """Forget the upload of an import."""
    shutil.rmtree(spool / import_id, ignore_errors=True)


def import_ids(spool: Path) -> list[str]:
    """The imports that have a folder here."""
    with suppress(FileNotFoundError):
        return [p.name for p in spool.iterdir() if IMPORT_ID.fullmatch(p.name)]
    return []


def say(spool: Path, import_id: str, text: str) -> None:
    """Tell how far an import is."""
    with suppress(FileNotFoundError):
        (spool / import_id / PROGRESS).write_text(text, encoding="utf-8")


def progress(spool: Path, import_id: str) -> str | None:
    """How far an import is; None for one that is not here."""
    if not IMPORT_ID.fullmatch(import_id) or not (spool / import_id).is_dir():
        return None
    with suppress(FileNotFoundError):
        return (spool / import_id / PROGRESS).read_text(encoding="utf-8") or "Importing"
    return "Waiting for a worker"


@contextmanager
def noted(spool: Path, job: ImportJob) -> Iterator[None]:
    """Note that this process does an import, for the case that it dies meanwhile."""
    folder = spool / job.import_id
    folder.mkdir(parents=True)
    facts = _facts(job) | {
        "process": _process(os.getpid()),
        "timeStarted": unix_ms(),
    }
    (folder / NOTE).write_text(json.dumps(facts))
    try:
        yield
    finally:
        remove(spool, job.import_id)


def left_behind(spool: Path) -> Iterator[tuple[ImportJob, int]]:
    """Imports whose process died, with when they were started (Unix ms)."""
    for import_id in import_ids(spool):
        with suppress(FileNotFoundError, ValueError):
            facts = json.loads((spool / import_id / NOTE).read_bytes())
            if not _is_alive(facts["process"]):
                job = ImportJob(
                    facts["importType"], None, facts["userID"], facts["userIntent"], {}, import_id
                )
                yield job, facts["timeStarted"]


def is_note(spool: Path, import_id: str) -> bool:
    """Whether a folder is that of an import which is done at once."""
    return (spool / import_id / NOTE).exists()


def _facts(job: ImportJob) -> dict[str, Any]:
    return {
        "importType": job.import_type,
        "userID": job.user_id,
        "userIntent": job.user_intent,
    }


def _process(pid: int) -> dict[str, Any]:
    """A process, told from others that get the same number later."""
    started = ""
    with suppress(OSError):
        # After the name, which may hold anything and ends at the last bracket: field 22, its start.
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return {"host": socket.gethostname(), "pid": pid, "started": started}


def _is_alive(process: Mapping[str, Any]) -> bool:
    if process["host"] != socket.gethostname():
        return True  # Another machine will find out.
    try:
        os.kill(process["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _process(process["pid"])["started"] == process["started"]
