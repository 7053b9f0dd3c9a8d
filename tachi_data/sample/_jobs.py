"""The sample's import files as imports: what a file is, and whose, is in its name."""

from __future__ import annotations

from pathlib import Path

from tachi_data.import_types import all_import_types
from tachi_data.importing import ImportJob
from tachi_data.sample._plays import PLAYERS, PLAYTYPES


def jobs(folder: Path) -> list[ImportJob]:
    """One import for each file of a folder that `write_imports` filled, in the order of the names."""
    return [job(path) for path in sorted(folder.iterdir())]


def job(path: Path) -> ImportJob:
    """The import of a file that is called ``<format>-<player>.<ext>``.

    The format is the last part of an import type's ID.
    """
    named = [
        k for k in all_import_types().values() if path.name.startswith(k.id.rpartition("/")[2])
    ]
    kind = max(named, key=lambda k: len(k.id))
    player = next(p for p in PLAYERS if path.stem.endswith(p.name.lower()))
    options = {"playtype": PLAYTYPES[kind.games[0]]} if "playtype" in kind.options else {}
    return ImportJob(kind.id, path, player.user_id, options=options)
