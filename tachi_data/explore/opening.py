"""The store that a notebook looks at: the analyst's own, or a new one that holds the sample data."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import tachi_data as td
from tachi_data import sample
from tachi_data.importing import waves
from tachi_data.store import copy_file

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
FIRST_DAY = 1_735_689_600_000  # 2025-01-01: the sample's players played the year before.
WEEK = 7 * 24 * 60 * 60 * 1000


def open_store(path: str | Path | None = None) -> td.Store:
    """The store at ``path``; without one, a new store that the sample's files were imported into."""
    if path is not None:
        return td.open_store(path, create=False)
    store = _new_store("sample")
    td.load_catalogue(store, SAMPLE / "catalogue")
    jobs = sample.jobs(SAMPLE / "imports")
    for week, wave in enumerate(waves(jobs)):
        td.import_many(store, [jobs[place] for place in wave], now=FIRST_DAY + week * WEEK)
    return store


def open_copy(path: str | Path | None = None) -> td.Store:
    """A copy of the store at ``path``, to change as one likes; without one, a store of the sample."""
    if path is None:
        return open_store()
    with td.open_store(path, create=False) as store:
        if store.path is not None:
            return td.open_store(copy_file(store, new_folder()))
        copy = _new_store("copy")
        td.copy_store(store, copy)
        return copy


def sample_job(name: str, user_id: int | None = None) -> td.ImportJob:
    """The import of the sample's file whose name begins like this, as its own or another player's."""
    job = sample.job(next(iter(sorted((SAMPLE / "imports").glob(f"{name}*")))))
    return job if user_id is None else replace(job, user_id=user_id)


def write_export(count: int) -> Path:
    """An invented export of orphans, four in ten of which the sample's catalogue knows by now."""
    path = new_folder() / "orphan-scores.ndjson"
    with path.open("wb") as file:
        file.writelines(sample.orphan_export(count, matching=0.4))
    return path


def _new_store(name: str) -> td.Store:
    return td.open_store(new_folder() / f"{name}.duckdb")


def new_folder() -> Path:
    """A folder for this notebook, which is removed when its kernel ends."""
    folder = Path(tempfile.mkdtemp(prefix="tachi-notebook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
