"""The spool folder: the sources of accepted imports, and the progress of running ones.

Each accepted import has a folder of its own, named by its ID, with ``job.json`` and ``source``. Each set of imports
that a service does at once has one in the folder ``noted``, named by the ID of its first import, with ``running.json``:
for each import a folder of its own would take as long as a tenth of the set. ``progress`` is text for people. It is
kept here and not in the store, which nobody can read while an import writes to it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tachi_data.backlog import presence
from tachi_data.clock import unix_ms
from tachi_data.errors import StoreError
from tachi_data.importing import ImportJob
from tachi_data.store import disk

IMPORT_ID = re.compile(r"[0-9a-f]{40}")
SOURCE, JOB, PROGRESS = "source", "job.json", "progress"
NOTED, NOTE = "noted", "running.json"


@dataclass(frozen=True)
class Note:
    """A set of imports that a process has noted.

    Attributes:
        process: The identity of the process.
        jobs: The imports, without their sources.
        time_started: Unix milliseconds.
    """

    process: str
    jobs: tuple[ImportJob, ...]
    time_started: int


def put(spool: Path, job: ImportJob) -> None:
    """Write an import into the folder; when this returns, it survives a loss of power.

    Args:
        spool: The spool folder.
        job: The import, with its source as bytes or JSON.

    Raises:
        StoreError: The folder cannot be written, such as on a full disk; nothing is left there.
    """
    content = job.source if isinstance(job.source, bytes) else json.dumps(job.source).encode()
    facts = {
        **_facts(job),
        "process": presence.identity(spool),
        "options": dict(job.options),
        "isFile": isinstance(job.source, bytes),
    }
    # Nobody sees a half-made folder: it has another name, which tells who makes it.
    part = spool / f".{job.import_id}.{facts['process']}"
    try:
        part.mkdir(parents=True)
        disk.write(part / SOURCE, content)
        disk.write(part / JOB, json.dumps(facts).encode())
        disk.sync(part)
        part.rename(spool / job.import_id)
        disk.sync(spool)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"The import cannot be accepted, since {spool} cannot be written: {reason}."
        ) from error


def get(spool: Path, import_id: str) -> ImportJob:
    """Return an import that `put` has written.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.

    Returns:
        The import, with its source.

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
    """Return whether the upload of an accepted import is still in the folder.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.
    """
    return (spool / import_id / JOB).exists() and (spool / import_id / SOURCE).exists()


def size(spool: Path, import_id: str) -> int:
    """Return the size of an upload in bytes; 0 if it is gone.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.
    """
    with suppress(FileNotFoundError):
        return (spool / import_id / SOURCE).stat().st_size
    return 0


def remove(spool: Path, import_id: str) -> None:
    """Delete the upload of an import.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.
    """
    shutil.rmtree(spool / import_id, ignore_errors=True)


def import_ids(spool: Path) -> list[str]:
    """Return the IDs of the imports in the folder.

    Args:
        spool: The spool folder.
    """
    with suppress(FileNotFoundError):
        return [p.name for p in spool.iterdir() if IMPORT_ID.fullmatch(p.name)]
    return []


def say(spool: Path, import_id: str, text: str) -> None:
    """Write the progress of an import, where that is possible: a full disk stops no import for want of these words.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.
        text: Words for people.
    """
    _say(spool / import_id, text)


def _say(folder: Path, text: str) -> None:
    with suppress(OSError):
        (folder / PROGRESS).write_text(text, encoding="utf-8")


def progress(spool: Path, import_id: str) -> str | None:
    """Return the progress of an import.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.

    Returns:
        Words for people; None if the import is not in the folder.
    """
    if not IMPORT_ID.fullmatch(import_id):
        return None
    if (spool / import_id).is_dir():
        return _said(spool / import_id, "Waiting for a worker")
    for folder, note in _notes(spool):
        if any(job.import_id == import_id for job in note.jobs):
            return _said(folder, "Importing")
    return None


def _said(folder: Path, otherwise: str) -> str:
    with suppress(FileNotFoundError):
        return (folder / PROGRESS).read_text(encoding="utf-8") or "Importing"
    return otherwise


@contextmanager
def noted(spool: Path, jobs: Sequence[ImportJob]) -> Iterator[Callable[[str], None]]:
    """Note for the length of a block that this process does a set of imports.

    Args:
        spool: The spool folder.
        jobs: The imports, at least one.

    Yields:
        A function that writes the progress of the set, in words for people.
    """
    folder = spool / NOTED / jobs[0].import_id
    folder.mkdir(parents=True)
    facts = {
        "process": presence.identity(spool),
        "timeStarted": unix_ms(),
        "imports": {job.import_id: _facts(job) for job in jobs},
    }
    (folder / NOTE).write_text(json.dumps(facts))
    try:
        yield partial(_say, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def left_behind(spool: Path) -> list[Note]:
    """Return the notes of processes that died.

    Args:
        spool: The spool folder.
    """
    return [note for _, note in _notes(spool) if not presence.is_alive(spool, note.process)]


def forget(spool: Path, note: Note) -> None:
    """Delete the note of a process that died.

    Args:
        spool: The spool folder.
        note: The note.
    """
    shutil.rmtree(spool / NOTED / note.jobs[0].import_id, ignore_errors=True)


def _notes(spool: Path) -> Iterator[tuple[Path, Note]]:
    """Yields each note with its folder; one that is being written or removed is left out."""
    for folder in (spool / NOTED).glob("*"):
        with suppress(FileNotFoundError, ValueError):
            facts = json.loads((folder / NOTE).read_bytes())
            jobs = tuple(
                ImportJob(one["importType"], None, one["userID"], one["userIntent"], {}, import_id)
                for import_id, one in facts["imports"].items()
            )
            yield folder, Note(facts["process"], jobs, facts["timeStarted"])


def parts(spool: Path) -> list[str]:
    """Return the names of uploads that are being written, or were when their process died.

    Args:
        spool: The spool folder.
    """
    return [path.name for path in spool.glob(".*.*")] if spool.is_dir() else []


def abandoned(spool: Path, untracked: Collection[str]) -> list[str]:
    """Return the folders of imports that a process was about to accept when it died.

    Args:
        spool: The spool folder.
        untracked: The IDs of imports in the folder that the store does not know.

    Returns:
        Names of folders, to be removed: nobody was told that these imports are accepted.
    """
    found = []
    for name in untracked:
        with suppress(FileNotFoundError, ValueError):
            facts = json.loads((spool / name / JOB).read_bytes())
            if not presence.is_alive(spool, facts.get("process")):
                found.append(name)
    return found + [p for p in parts(spool) if not presence.is_alive(spool, p.rpartition(".")[2])]


def _facts(job: ImportJob) -> dict[str, Any]:
    return {
        "importType": job.import_type,
        "userID": job.user_id,
        "userIntent": job.user_intent,
    }
