"""The inbox: ``<import type>/<player's ID>/<file>``, or ``<player's ID>/<file>`` if all are of one type.

Imported files are moved to ``done/``, refused files to ``failed/``, under the same folders and with
the ImportDocument or the reason beside it. Names that start with a dot or end with ``.part`` are still
being written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

import tachi_data as td

BUSY = 409


def files(inbox: Path, pattern: str, import_type: str | None) -> list[Path]:
    """Return the complete files, by player and name: of one type, or of the types of their folders."""
    inbox.mkdir(parents=True, exist_ok=True)
    folders = inbox.glob("*/*/*" if import_type is None else "*")
    found = (path for folder in folders if folder.name.isdecimal() for path in folder.glob(pattern))
    complete = (
        path
        for path in found
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    )
    return sorted(complete, key=lambda path: (player(path), path.name, path))


def player(path: Path) -> int:
    """Return the player of a file."""
    return int(path.parent.name)


def job(
    inbox: Path, path: Path, import_type: str | None, options: Mapping[str, Any]
) -> td.ImportJob:
    """The import of a file; of the type that its folders name, if not of this one."""
    kind = import_type or path.parent.parent.relative_to(inbox).as_posix()
    return td.ImportJob(kind, path, player(path), options={**options, "filename": path.name})


def chunks(paths: list[Path], size: int) -> Iterator[list[Path]]:
    """Return groups of about so many files; files of one player stay together, as their order counts."""
    chunk: list[Path] = []
    for _, mine in groupby(paths, player):
        chunk += mine
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def settle(inbox: Path, paths: list[Path], outcomes: list[td.ImportOutcome]) -> Counter[str]:
    """Move the files to where their outcome belongs; returns how many datapoints ended how."""
    total: Counter[str] = Counter()
    for path, outcome in zip(paths, outcomes, strict=True):
        fatal = outcome.fatal
        if fatal is not None and fatal.status_code == BUSY:
            total["files that wait"] += 1
            continue
        place = "done" if fatal is None else "failed"
        target = inbox / place / path.parent.relative_to(inbox)
        target.mkdir(parents=True, exist_ok=True)
        moved = target / f"{outcome.import_id[:12]}-{path.name}"
        if fatal is None:
            moved.with_name(f"{moved.name}.document.json").write_bytes(orjson.dumps(outcome.answer))
            total.update(outcome.datapoints["outcome"].to_list())
        else:
            moved.with_name(f"{moved.name}.reason.txt").write_text(fatal.message, encoding="utf-8")
            total["refused files"] += 1
        path.rename(moved)
    return total
