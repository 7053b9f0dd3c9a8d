"""The import files of the sample as imports; a file's name has its import type and its player."""

from __future__ import annotations

from pathlib import Path

from tachi_data.import_types import all_import_types
from tachi_data.importing import ImportJob
from tachi_data.sample._plays import PLAYERS, PLAYTYPES


def jobs(folder: Path) -> list[ImportJob]:
    """Returns one import per file of a folder that `write_imports` filled, in the order of the names."""
    return [job(path) for path in sorted(folder.iterdir())]


def job(path: Path) -> ImportJob:
    """Returns the import of a file ``<format>-<player>.<ext>``; the format is the end of an import type's ID."""
    named = [
        k for k in all_import_types().values() if path.name.startswith(k.id.rpartition("/")[2])
    ]
    kind = max(named, key=lambda k: len(k.id))
    player = next(p for p in PLAYERS if path.stem.endswith(p.name.lower()))
    options = {"playtype": PLAYTYPES[kind.games[0]]} if "playtype" in kind.options else {}
    return ImportJob(kind.id, path, player.user_id, options=options)
