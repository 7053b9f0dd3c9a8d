"""What a flow costs on top of the library, as a ratio taken in one run."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

import tachi_data as td
from pipelines.import_files import import_files
from tachi_data.sample import batch_manual

pytestmark = pytest.mark.bench
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
FILES, SCORES, TIMES = 1000, 50, 3


def filled(inbox: Path, files: int) -> Path:
    for player in range(1, files + 1):
        (inbox / str(player)).mkdir(parents=True)
        (inbox / str(player) / "scores.json").write_bytes(batch_manual(SCORES, seed=player))
    return inbox


def by_library(store: Path, inbox: Path) -> float:
    """Seconds to import all files, without any server."""
    started = time.perf_counter()
    paths = sorted(inbox.glob("*/*"))
    with td.open_store(store) as opened:
        td.import_many(
            opened, [td.ImportJob("file/batch-manual", p, int(p.parent.name)) for p in paths]
        )
    return time.perf_counter() - started


def by_flow(store: Path, inbox: Path) -> float:
    """Seconds for the same by a flow, which also writes the documents and moves the files."""
    started = time.perf_counter()
    import_files(str(store), str(inbox), "file/batch-manual")
    return time.perf_counter() - started


def test_a_flow_over_a_thousand_files_against_the_library(tmp_path: Path, sample: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    with td.open_store(empty) as store:
        td.load_catalogue(store, sample / "catalogue")
    names = (f"{number}.duckdb" for number in range(100))

    def new_store() -> Path:
        return Path(shutil.copy(empty, tmp_path / next(names)))

    with prefect_test_harness(server_startup_timeout=120):
        ones, starts, libraries, flows = [], [], [], []
        for number in range(TIMES + 1):
            inbox = filled(tmp_path / f"one-{number}", 1)
            ones.append(by_library(new_store(), inbox))
            starts.append(by_flow(new_store(), inbox))
        for number in range(TIMES):
            inbox = filled(tmp_path / f"all-{number}", FILES)
            libraries.append(by_library(new_store(), inbox))
            flows.append(by_flow(new_store(), inbox))
    library, flow, start = min(libraries), min(flows), min(starts) - min(ones)
    ratio = (flow - start) / library
    print(
        f"\n{FILES:,} files of {SCORES} scores: library {library:.2f} s, flow {flow:.2f} s, of which "
        f"{start:.2f} s are its start; ratio {ratio:.2f} without the start, {flow / library:.2f} with it"
    )
    assert ratio < 1.2
