"""The inbox: a folder with one folder per player, named by the player's ID.

What was imported is moved to ``done/``, what was refused to ``failed/``, with the ImportDocument or the
reason beside it. Names that start with a dot or end with ``.part`` are still being written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import orjson

import tachi_data as td

BUSY = 409


def files(inbox: Path, pattern: str) -> list[Path]:
    """The files that are complete, by player and name."""
    inbox.mkdir(parents=True, exist_ok=True)
    players = (folder for folder in sorted(inbox.iterdir()) if folder.name.isdecimal())
    return [
        path
        for folder in players
        for path in sorted(folder.glob(pattern))
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    ]


def player(path: Path) -> int:
    """Whose file it is."""
    return int(path.parent.name)


def chunks(paths: list[Path], size: int) -> Iterator[list[Path]]:
    """About so many files each; those of one player stay together, as their order counts."""
    chunk: list[Path] = []
    for _, mine in groupby(paths, player):
        chunk += mine
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def settle(inbox: Path, paths: list[Path], outcomes: list[td.ImportOutcome]) -> Counter[str]:
    """Move the files to where their outcome belongs; gives how many datapoints ended how."""
    total: Counter[str] = Counter()
    for path, outcome in zip(paths, outcomes, strict=True):
        fatal = outcome.fatal
        if fatal is not None and fatal.status_code == BUSY:
            total["files that wait"] += 1
            continue
        target = inbox / ("done" if fatal is None else "failed") / path.parent.name
        target.mkdir(parents=True, exist_ok=True)
        moved = target / f"{outcome.import_id[:12]}-{path.name}"
        if fatal is None:
            moved.with_name(f"{moved.name}.document.json").write_bytes(
                orjson.dumps(outcome.document)
            )
            total.update(outcome.datapoints["outcome"].to_list())
        else:
            moved.with_name(f"{moved.name}.reason.txt").write_text(fatal.message, encoding="utf-8")
            total["refused files"] += 1
        path.rename(moved)
    return total
