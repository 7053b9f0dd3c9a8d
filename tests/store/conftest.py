from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from tachi_data.store import Store, Table, insert, open_store

COUNTERS = Table("counters", {"name": pl.String(), "value": pl.Int64()}, "One row is a count.")
EVENTS = Table("events", {"worker": pl.Int64(), "step": pl.Int64()}, "One row is a step of work.")

PRELUDE = """
import os, sys, time
import polars as pl
from tachi_data.errors import StoreError
from tachi_data.store import Table, insert, open_store
path, me = sys.argv[1], int(sys.argv[2])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, tables=[COUNTERS, EVENTS]) as opened:
        with opened.write() as con:
            insert(con, "counters", pl.DataFrame({"name": ["a"], "value": [0]}))
        yield opened


@pytest.fixture
def launch() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process with a Python program; its variables are ``path`` (or URL) and ``me``."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, path: str | Path, me: int = 0) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + program, str(path), str(me)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def spawn(
    launch: Callable[..., subprocess.Popen[str]], path: Path
) -> Callable[..., subprocess.Popen[str]]:
    """Starts a process with a Python program on the file of the store."""
    return lambda program, me=0: launch(program, path, me)
