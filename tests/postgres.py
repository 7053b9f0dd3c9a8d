"""A PostgreSQL server of the tests' own, and new DuckLakes in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import pytest

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def server() -> Iterator[Path]:
    """A running server; gives the folder of its socket. Skips the test where there is none."""
    if PROGRAMS is None:
        pytest.skip("no PostgreSQL in /usr/lib/postgresql")
    if find_spec("duckdb_extension_ducklake") is None:
        pytest.skip("no DuckLake: it comes with the extra `lake`")
    # The path of a socket must be short.
    folder = Path(mkdtemp(prefix="lake"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    run("initdb", "-D", folder / "db", "-U", "tachi", "-A", "trust")
    start(folder)
    try:
        yield folder
    finally:
        stop(folder)
        shutil.rmtree(folder)


def start(folder: Path) -> None:
    """Start the server of a folder."""
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    run("pg_ctl", "-D", folder / "db", "-o", options, "-w", "start")


def stop(folder: Path) -> None:
    """Stop the server of a folder as if it was killed."""
    run("pg_ctl", "-D", folder / "db", "-m", "immediate", "-w", "stop")


def new_lake(socket: Path, rows: Path) -> str:
    """The URL of a lake that is not there yet, in a database that is."""
    name = f"lake_{time.monotonic_ns()}"
    run("createdb", "-h", socket, "-U", "tachi", name)
    return f"ducklake:postgres:dbname={name} host={socket} user=tachi?data_path={rows}/{name}/"


def run(program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs, which refuse to run as root."""
    assert PROGRAMS is not None
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        [PROGRAMS / program, *arguments],
        check=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
