"""`Store`, and how one is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store._engines import Settings
from tachi_data.store._file import FileSession
from tachi_data.store._rows import Params, query
from tachi_data.store._schema import Declarations, prepare
from tachi_data.store._session import Session
from tachi_data.store._tables import Table


class Rollback(Exception):
    """Ends the block of `Store.write` without committing anything; it does not come out of it."""


class Store:
    """Where rows live. Made by `open_store`; may be shared by threads and outlives a fork.

    Between transactions it holds nothing open, so closing it only makes sure that it is not used
    any more.
    """

    def __init__(self, url: str, session: Session) -> None:
        self._url = url
        self._session = session
        self._closed = False

    @property
    def url(self) -> str:
        """What it was opened with."""
        return self._url

    @property
    def path(self) -> Path | None:
        """The file, absolute; None if the store is not a file."""
        return self._session.path

    @contextmanager
    def read(self) -> Iterator[DuckDBPyConnection]:
        """A connection that reads one state of the store; others may read at the same time."""
        with self._transaction(writing=False) as con:
            yield con

    @contextmanager
    def write(self, *, keep: bool = True) -> Iterator[DuckDBPyConnection]:
        """A connection to write with: all of it is committed at the end, or, on exception, none.

        Without ``keep`` nothing is committed in any case, for trying out what would be; `Rollback`,
        raised inside, does the same.
        """
        try:
            with self._transaction(writing=True) as con:
                yield con
                if not keep:
                    raise Rollback
        except Rollback:
            return

    def query(self, sql: str, params: Params = None, **frames: pl.DataFrame) -> pl.DataFrame:
        """Returns the rows of a query, which is a transaction of its own.

        Args:
            sql: Names frames as it names tables. A frame hides a table of the same name.
            params: Values for ``?`` (a sequence) or ``$name`` (a mapping).
            **frames: Only this query can read them.

        Returns:
            The rows of the last statement, in its order; a frame without columns where it has no result.

        Raises:
            StoreError: The store is closed, cannot be read, or was in use for too long.
            duckdb.Error: The statement is wrong, or it failed.
        """
        with self.read() as con:
            return query(con, sql, params, **frames)

    def close(self) -> None:
        """Refuse any further use."""
        self._closed = True

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[DuckDBPyConnection]:
        if self._closed:
            raise StoreError(f"The store {self._session.name} is closed.")
        with self._session.transaction(writing=writing) as con:
            yield con

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self._session.name!r}{', closed' if self._closed else ''})"


def open_store(
    url: str | Path,
    *,
    tables: Iterable[Table] = (),
    views: Iterable[str] = (),
    create: bool = True,
    lock_timeout: float | None = 60,
    threads: int | None = None,
    memory_limit: str | None = None,
    migrations: Traversable | None = None,
) -> Store:
    """Open a store; it is created with its tables if it is not there.

    An existing one is brought up to date: pending migrations, missing tables, columns and struct
    members. Nothing is ever removed.

    Args:
        url: Path of a DuckDB file, or ``ducklake:postgres:…`` (see `tachi_data.store.ducklake`).
        tables: What the store has to hold.
        views: ``CREATE OR REPLACE VIEW`` statements.
        create: Whether a store that is not there is made.
        lock_timeout: Seconds to wait for other processes; None waits for ever.
        threads: How many threads DuckDB may use.
        memory_limit: How much memory DuckDB may use, such as ``2GB``.
        migrations: Folder of migrations, if not the packaged ones.

    Raises:
        StoreError: It cannot be opened, is no store, or was made by a newer version.
    """
    session = _session(str(url), Settings(threads, memory_limit), lock_timeout)
    folder = files("tachi_data.store.migrations") if migrations is None else migrations
    prepare(session, Declarations(tuple(tables), tuple(views)), folder, create=create)
    return Store(str(url), session)


def _session(url: str, settings: Settings, lock_timeout: float | None) -> Session:
    if url.startswith("ducklake:"):
        from tachi_data.store.ducklake import LakeSession

        return LakeSession(url, settings, lock_timeout)
    if "://" in url or url in ("", ":memory:"):
        raise StoreError(f"{url!r} is no store: give the path of a file, or ducklake:postgres:…")
    return FileSession(Path(url), settings, lock_timeout)
