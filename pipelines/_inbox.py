"""The inbox: ``<import type>/<player's ID>/<file>``, or ``<player's ID>/<file>`` if all are of one type.

Imported files are moved to ``done/``, refused files to ``failed/``, under the same folders and with
the ImportDocument or the reason beside it. Names that start with a dot or end with ``.part`` are still
being written.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

import tachi_data as td

log = logging.getLogger("tachi_data.pipelines")
BUSY = 409
# The number of a player has to fit into a column of the store; a file name into 255 bytes, with our endings.
MOST_PLAYERS, LONGEST_NAME = 2**63, 200


def files(inbox: Path, pattern: str, import_type: str | None) -> list[Path]:
    """Return the complete files, by player and name: of one type, or of the types of their folders."""
    inbox.mkdir(parents=True, exist_ok=True)
    folders = [
        folder
        for folder in inbox.glob("*/*/*" if import_type is None else "*")
        if folder.name.isdecimal()
    ]
    found = (path for folder in folders if _is_player(folder) for path in folder.glob(pattern))
    complete = (
        path
        for path in found
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    )
    return sorted(complete, key=lambda path: (player(path), path.name, path))


def _is_player(folder: Path) -> bool:
    return len(folder.name) < 20 and int(folder.name) < MOST_PLAYERS


def set_aside(inbox: Path, import_type: str | None) -> int:
    """Move folders that are named by no possible player into ``failed/``, with the reason; returns how many."""
    folders = list(inbox.glob("*/*/*" if import_type is None else "*"))
    wrong = [f for f in folders if f.name.isdecimal() and f.is_dir() and not _is_player(f)]
    for folder in wrong:
        target = inbox / "failed" / folder.relative_to(inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        while target.exists():
            target = target.with_name(f"{target.name}-again")
        folder.rename(target)
        reason = "The folder is named by a number that no player can have.\n"
        target.with_name(f"{target.name}.reason.txt").write_text(reason, encoding="utf-8")
    return len(wrong)


def _shortened(name: str) -> str:
    """Return a file name with its ending, cut where it is too long for the names that are made of it.

    >>> _shortened("scores.json"), len(_shortened("x" * 240 + ".json").encode())
    ('scores.json', 200)
    """
    whole = name.encode()
    if len(whole) <= LONGEST_NAME:
        return name
    ending = Path(name).suffix.encode()[:20]
    return (whole[: LONGEST_NAME - len(ending)] + ending).decode(errors="ignore")


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
    """Move the files to where their outcome belongs; returns how many datapoints ended how.

    A file that cannot be moved stays, and the others are moved.
    """
    total: Counter[str] = Counter()
    for path, outcome in zip(paths, outcomes, strict=True):
        fatal = outcome.fatal
        if fatal is not None and fatal.status_code == BUSY:
            total["files that wait"] += 1
            continue
        try:
            _move(inbox, path, outcome)
        except OSError as error:
            log.error("%s cannot be moved: %s", path, error)
            total["files that cannot be moved"] += 1
        if fatal is None:
            total.update(outcome.datapoints["outcome"].to_list())
        else:
            total["refused files"] += 1
    return total


def _move(inbox: Path, path: Path, outcome: td.ImportOutcome) -> None:
    """Move a file to ``done/`` or ``failed/``, with what became of it."""
    place = "done" if outcome.fatal is None else "failed"
    target = inbox / place / path.parent.relative_to(inbox)
    target.mkdir(parents=True, exist_ok=True)
    moved = target / f"{outcome.import_id[:12]}-{_shortened(path.name)}"
    if outcome.fatal is None:
        content = orjson.dumps(outcome.document)
        moved.with_name(f"{moved.name}.document.json").write_bytes(content)
    else:
        text = outcome.fatal.message
        moved.with_name(f"{moved.name}.reason.txt").write_text(text, encoding="utf-8")
    path.rename(moved)
