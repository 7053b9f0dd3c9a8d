"""Import the score files of a folder: load, match, validate, emit.

The folder holds one folder per player, named by the player's ID. What was imported is moved to ``done/``,
what was refused to ``failed/``, with the reason beside it; so the folder can be an inbox that is looked at
every minute. Names that start with a dot or end with ``.part`` are still being written.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts
from tachi_data.importing import waves

CHUNK = 1000
BUSY = 409


@task(cache_policy=NO_CACHE)
def load(imports: td.ImportSet) -> dict[str, int]:
    """Read and parse the files into frames of datapoints."""
    imports.load()
    refused = sum(reading.fatal is not None for reading in imports.readings)
    return {"files": len(imports.readings), "refused": refused}


@task(cache_policy=NO_CACHE)
def match(imports: td.ImportSet) -> dict[str, int]:
    """Find the charts, with joins against the catalogue."""
    imports.match()
    return {"datapoints": sum(rows.height for rows in imports.matched)}


@task(cache_policy=NO_CACHE)
def validate(imports: td.ImportSet) -> dict[str, int]:
    """Complete the scores, and refuse those that break a rule of their game."""
    imports.validate()
    return {game: rows.height for game, rows in imports.scores.items()}


@task(cache_policy=NO_CACHE)
def emit(imports: td.ImportSet) -> dict[str, int]:
    """Store the scores and all that follows from them."""
    imports.emit()
    return {"imports": sum(outcome.fatal is None for outcome in imports.outcomes)}


@task(cache_policy=NO_CACHE)
def import_further(store: td.Store, jobs: list[td.ImportJob]) -> list[td.ImportOutcome]:
    """Import further files of players who have one in this chunk already."""
    return td.import_many(store, jobs)


@flow(name="import-files", flow_run_name="import {import_type} from {folder}")
def import_files(
    store: str,
    folder: str,
    import_type: str,
    pattern: str = "*",
    options: dict[str, Any] | None = None,
    chunk: int = CHUNK,
) -> dict[str, int]:
    """Import all files of the folder; gives how many datapoints ended how."""
    inbox = Path(folder)
    inbox.mkdir(parents=True, exist_ok=True)
    found = files(inbox, pattern)
    total: Counter[str] = Counter()
    import_ids: list[str] = []
    with td.open_store(store) as opened:
        for start in range(0, len(found), chunk):
            paths = found[start : start + chunk]
            jobs = [
                td.ImportJob(import_type, path, int(path.parent.name), options=options or {})
                for path in paths
            ]
            outcomes = import_chunk(opened, jobs)
            total += settle(inbox, paths, outcomes)
            import_ids += [outcome.import_id for outcome in outcomes if outcome.fatal is None]
        _artifacts.counts("import-outcomes", total, f"What became of {len(found):,} files")
        _artifacts.reasons(opened, import_ids)
        _artifacts.documents(inbox / "done", len(import_ids))
    return dict(total)


def files(inbox: Path, pattern: str) -> list[Path]:
    """The files that are complete, in a fixed order."""
    players = (folder for folder in sorted(inbox.iterdir()) if folder.name.isdecimal())
    return [
        path
        for folder in players
        for path in sorted(folder.glob(pattern))
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    ]


def import_chunk(store: td.Store, jobs: list[td.ImportJob]) -> list[td.ImportOutcome]:
    """Import one chunk: the first file of each player stage by stage, any others after that."""
    first, *others = waves(jobs)
    with td.ImportSet(store, [jobs[i] for i in first]) as imports:
        for stage in (load, match, validate, emit):
            stage(imports)
    done = dict(zip(first, imports.outcomes, strict=True))
    further = [index for wave in others for index in wave]
    if further:
        outcomes = import_further(store, [jobs[i] for i in further])
        done |= dict(zip(further, outcomes, strict=True))
    return [done[index] for index in range(len(jobs))]


def settle(inbox: Path, paths: list[Path], outcomes: list[td.ImportOutcome]) -> Counter[str]:
    """Move the files to where their outcome belongs, with the document or the reason beside them."""
    total: Counter[str] = Counter()
    for path, outcome in zip(paths, outcomes, strict=True):
        if outcome.fatal is not None and outcome.fatal.status_code == BUSY:
            total["files that wait"] += 1
            continue
        is_good = outcome.fatal is None
        target = inbox / ("done" if is_good else "failed") / path.parent.name
        target.mkdir(parents=True, exist_ok=True)
        name = f"{outcome.import_id[:12]}-{path.name}"
        if outcome.fatal is None:
            (target / f"{name}.document.json").write_text(
                json.dumps(outcome.document, ensure_ascii=False), encoding="utf-8"
            )
            total.update(outcome.datapoints["outcome"].to_list())
        else:
            (target / f"{name}.reason.txt").write_text(outcome.fatal.message, encoding="utf-8")
            total["refused files"] += 1
        shutil.move(path, target / name)
    return total
