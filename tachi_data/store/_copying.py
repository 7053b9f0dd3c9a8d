"""Move a whole store into another one: a DuckDB file into a lake, or back.

The rows go through Parquet files, so neither store has to be reachable from the engine of the other. One
transaction stores all tables and compares them with the files: either the copy is equal, or nothing is stored.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store import disk
from tachi_data.store._sql import literal, statements
from tachi_data.store._store import Store, open_store

sql = statements("tachi_data.store")

_LOCK = "in-use"


def copy_store(source: Store, target: Store, *, folder: Path | None = None) -> pl.DataFrame:
    """Copy all rows into an empty store, and compare the copy with the rows that were read.

    Args:
        source: Is read as of one moment. Others may use it meanwhile.
        target: Has the same tables, without rows.
        folder: The place of the Parquet files during the copy; by default that of temporary files.

    Returns:
        One row per table: ``table``, ``rows``.

    Raises:
        StoreError: The target holds rows already, lacks a table, or got other rows than were read; or the files
            could not be written or read, such as on a full disk. Nothing is stored then.

    Example:
        >>> with td.open_store(folder / "copy.duckdb") as copy:
        ...     copied = td.copy_store(store, copy)
        >>> copied.filter(table="charts").rows()
        [('charts', 1)]
    """
    with _told(), _scratch(folder, "tachi-copy-") as files, ExitStack() as stack:
        with source.read() as con:
            tables = _tables(con)
            rows = [_take(con, table, files) for table in tables]
        con = stack.enter_context(target.write())
        if missing := set(tables) - set(_tables(con)):
            raise StoreError(f"The target has no table {', '.join(sorted(missing))}.")
        for table in tables:
            _put(con, table, files)
    return pl.DataFrame({"table": tables, "rows": rows}, schema_overrides={"rows": pl.Int64})


@contextmanager
def _told() -> Iterator[None]:
    """Say in a StoreError that files could not be written or read."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"Nothing was copied: the rows could not be kept in files: {reason}"
        ) from error


def copy_file(source: Store, folder: Path) -> Path:
    """Copy the file of a store into a folder, as it is between two transactions.

    This is much quicker than `copy_store`, but only for a store that is a file. DuckDB's log beside the file, which
    a killed program may have left, is copied, too.

    Args:
        source: A store that is a file.
        folder: Exists already. A file of the same name in it is overwritten.

    Returns:
        The path of the copy.

    Raises:
        StoreError: The store is no file.
        OSError: The copy cannot be written.
    """
    if source.path is None:
        raise StoreError("Only a store that is one file can be copied as a file.")
    with source.read():
        for file in (source.path, source.path.with_name(f"{source.path.name}.wal")):
            if file.exists():
                shutil.copyfile(file, folder / file.name)
    return folder / source.path.name


def back_up(source: Store, target: Path) -> None:
    """Make a copy of a store that is a file, while others use it; the copy is checked and is on the disk afterwards.

    The copy is a store: it can be opened, or put in the place of the store while nothing uses that.

    Args:
        source: A store that is a file. Writers wait for the length of the copy.
        target: The file to make.

    Raises:
        StoreError: The store is no file, the target is there already, or the copy cannot be written or read.
    """
    if target.exists():
        raise StoreError(f"{target} is there already; choose another name.")
    try:
        with _scratch(target.parent, ".tachi-backup-") as place:
            copy = copy_file(source, place)
            with open_store(copy, create=False) as opened, opened.write():
                pass  # What a killed program left in a log is in the file after this.
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copy.rename(target)
        disk.sync(target.parent)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _scratch(folder: Path | None, prefix: str) -> Iterator[Path]:
    """Make a folder for the length of a block, and remove those of processes that were killed meanwhile.

    The folder of a process that lives has a file that is locked.
    """
    parent = Path(gettempdir() if folder is None else folder)
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError), (left / _LOCK).open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    with (
        TemporaryDirectory(dir=parent, prefix=prefix) as place,
        (Path(place) / f"{_LOCK}.new").open("wb") as file,
    ):
        fcntl.lockf(file, fcntl.LOCK_EX)
        # Others see the file only when it is locked.
        Path(file.name).rename(Path(place) / _LOCK)
        yield Path(place)


def _tables(con: DuckDBPyConnection) -> list[str]:
    return [str(name) for (name,) in con.execute(sql("tables")).fetchall()]


def _take(con: DuckDBPyConnection, table: str, files: Path) -> int:
    """Write a table to a file; returns its number of rows."""
    row = con.execute(_statement("copy_to_file", table, files)).fetchone()
    assert row is not None
    return int(row[0])


def _put(con: DuckDBPyConnection, table: str, files: Path) -> None:
    """Fill an empty table from its file, and compare."""

    def run(name: str) -> int:
        row = con.execute(_statement(name, table, files)).fetchone()
        return 0 if row is None else int(row[0])

    if run("count_rows"):
        raise StoreError(f"The target holds rows already, in {table}; a copy needs an empty store.")
    run("copy_from_file")
    if different := run("count_differing"):
        raise StoreError(f"{different:,} rows of {table} did not arrive as they were read.")


def _statement(name: str, table: str, files: Path) -> str:
    """Returns a statement about a table and its file, whose name COPY does not take as a parameter."""
    return sql(name, table=table).replace("{file}", literal(str(files / f"{table}.parquet")))
