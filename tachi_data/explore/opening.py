"""Opening the store of a notebook: the analyst's own, or a new one with the sample data."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

import tachi_data as td
from tachi_data import sample
from tachi_data.explore.querying import query
from tachi_data.games import Enum, named
from tachi_data.importing import waves
from tachi_data.store import copy_file

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
FIRST_DAY = 1_735_689_600_000  # 2025-01-01: the sample's players played the year before.
WEEK = 7 * 24 * 60 * 60 * 1000


def open_store(path: str | Path | None = None) -> td.Store:
    """Open the store at ``path``; without a path, a new store with the imports of the sample."""
    if path is not None:
        return td.open_store(path, create=False)
    store = _new_store("sample")
    td.load_catalogue(store, SAMPLE / "catalogue")
    jobs = sample.jobs(SAMPLE / "imports")
    for week, wave in enumerate(waves(jobs)):
        td.import_many(store, [jobs[place] for place in wave], now=FIRST_DAY + week * WEEK)
    return store


def open_copy(path: str | Path | None = None) -> td.Store:
    """Open a copy of the store at ``path``, which may be changed; without a path, a store of the sample."""
    if path is None:
        return open_store()
    with td.open_store(path, create=False) as store:
        if store.path is not None:
            return td.open_store(copy_file(store, new_folder()))
        copy = _new_store("copy")
        td.copy_store(store, copy)
        return copy


def catalogue_of(
    store: str | Path | None, folder: str | Path | None, name: str = "catalogue"
) -> Path | None:
    """Returns the folder of a catalogue.

    Args:
        store: The path that `open_store` was called with.
        folder: The folder, if one was given.
        name: The folder of the sample, ``catalogue`` or ``catalogue-newer``.

    Returns:
        The given folder; without one, that of the sample where the store is the sample's; else None, as the songs
        of the sample are others than those of the store.
    """
    if folder is not None:
        return Path(folder)
    return SAMPLE / name if store is None else None


def sample_job(name: str, user_id: int | None = None) -> td.ImportJob:
    """Returns the import of a file of the sample.

    Args:
        name: The beginning of the file's name.
        user_id: The player; None takes the player of the file.
    """
    job = sample.job(next(iter(sorted((SAMPLE / "imports").glob(f"{name}*")))))
    return job if user_id is None else replace(job, user_id=user_id)


def sample_sheet(store: td.Store, gpt: str, count: int = 20) -> pl.DataFrame:
    """Invent a spreadsheet on charts of the store; of its rows one has an impossible score, one an unknown title.

    Args:
        store: The store.
        gpt: The game and playtype, such as ``iidx:SP``.
        count: The number of rows.
    """
    game, playtype = (one := named(gpt)[0]).game, one.playtype
    charts = query(store, "charts_to_play", game=game, playtype=playtype, count=count)
    lamps = one.metrics["lamp"]
    assert isinstance(lamps, Enum)
    number = pl.int_range(pl.len())
    return charts.select(
        Title=pl.when(number == 1).then(pl.lit("A song of tomorrow")).otherwise("title"),
        Difficulty="difficulty",
        Score=pl.when(number == 0).then(-1).otherwise(100 + 7 * number),
        Lamp=pl.lit(lamps.values[len(lamps.values) // 2].title()),
    )


def write_export(count: int) -> Path:
    """Write an invented export of ``count`` orphans; the sample's catalogue knows four in ten of them.

    Returns:
        The path of the file.
    """
    path = new_folder() / "orphan-scores.ndjson"
    with path.open("wb") as file:
        file.writelines(sample.orphan_export(count, matching=0.4))
    return path


def _new_store(name: str) -> td.Store:
    return td.open_store(new_folder() / f"{name}.duckdb")


def new_folder() -> Path:
    """Returns a new folder for this notebook; it is removed when the kernel ends."""
    folder = Path(tempfile.mkdtemp(prefix="tachi-notebook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
