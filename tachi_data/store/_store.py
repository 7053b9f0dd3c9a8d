"""The class `Store`, and the function that opens one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.escaping import counts_as_html
from tachi_data.store._engines import Settings
from tachi_data.store._file import FileSession
from tachi_data.store._glances import Glances
from tachi_data.store._rows import Params, first_row, query
from tachi_data.store._schema import Declarations, prepare
from tachi_data.store._session import Session
from tachi_data.store._sql import statements
from tachi_data.store._tables import Table

sql = statements("tachi_data.store")


class Rollback(Exception):
    """Raised within the block of `Store.write`, it ends the block and rolls the changes back; nobody else sees it."""


class Store:
    """A store of rows, opened by `open_store`. Threads may share it, and a forked child may use it.

    Between transactions it holds nothing open, so closing it only refuses further use.

    Example:
        >>> store.query("SELECT title FROM songs WHERE game = ?", ["wacca"]).rows()
        [('Paper Lantern',)]
        >>> with store.write(keep=False) as con:
        ...     _ = con.execute("DELETE FROM songs")
        >>> store.query("FROM songs").height
        1
    """

    def __init__(self, url: str, session: Session) -> None:
        self._url = url
        self._session = session
        self._closed = False

    @property
    def url(self) -> str:
        """The path or URL that it was opened with."""
        return self._url

    @property
    def path(self) -> Path | None:
        """The file, absolute; None for a lake."""
        return self._session.path

    @contextmanager
    def read(self) -> Iterator[DuckDBPyConnection]:
        """Open a transaction that reads one state of the store; others may read at the same time.

        Yields:
            A connection, which is closed at the end of the block.

        Raises:
            StoreError: The store is closed, cannot be read, or was in use for longer than ``lock_timeout`` seconds;
                or this thread has a transaction open already.
        """
        with self._transaction(writing=False) as con:
            yield con

    @contextmanager
    def glance(self) -> Iterator[DuckDBPyConnection]:
        """Read without keeping writers waiting between the statements.

        In a file each statement is a transaction of its own, so two statements may see two states. On a lake, where
        readers keep nobody waiting, all of them see one state.

        Yields:
            What stands for a connection in `query` and `first_row`.

        Raises:
            StoreError: As in `read`, at each statement.
        """
        if self.path is None:
            with self.read() as con:
                yield con
        else:
            yield cast("DuckDBPyConnection", Glances(self.read))

    @contextmanager
    def write(self, *, keep: bool = True) -> Iterator[DuckDBPyConnection]:
        """Open a transaction that writes: its end commits all changes, an exception rolls all of them back.

        Args:
            keep: Without it the end rolls back, too; so a caller can try what would be. `Rollback`, raised inside,
                does the same.

        Yields:
            A connection, which is closed at the end of the block.

        Raises:
            StoreError: The store is closed, cannot be written, or was in use for longer than ``lock_timeout``
                seconds; this thread has a transaction open already; or the commit failed. After a failed commit
                the message says whether anything was changed.
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

    def _repr_html_(self) -> str:
        """The line, and how many rows the largest tables have, for notebooks."""
        try:
            with self.read() as con:
                names = query(con, sql("largest_tables"))["table_name"]
                sizes = [first_row(con, sql("size_of_table", table=name)) for name in names]
        except (StoreError, duckdb.Error) as error:
            return counts_as_html(f"{self!r}: {error}", {})
        counts = dict(sorted(filter(None, sizes), key=lambda size: -size[1]))
        return counts_as_html(
            repr(self), {name.strip('"'): count for name, count in counts.items()}
        )

    def __repr__(self) -> str:
        return f"Store({self._session.name!r}{', closed' if self._closed else ''})"


def expect_store(value: object, name: str = "store") -> None:
    """Refuse what is no store.

    Raises:
        StoreError: It is none.
    """
    if isinstance(value, Store):
        return
    if isinstance(value, (str, PathLike)):
        raise StoreError(
            f"{name}: expected an open store, got a path: use tachi_data.open_store({str(value)!r})."
        )
    raise StoreError(
        f"{name}: expected an open store, as tachi_data.open_store(path) returns, got a {type(value).__name__}."
    )


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
    """Open a store, and create it with its tables if it is not there.

    An existing store is brought up to date: migrations run, and missing tables, columns and struct members are
    added. Nothing is ever removed.

    Args:
        url: Path of a DuckDB file, or ``ducklake:postgres:…`` (see `tachi_data.store.ducklake`).
        tables: The tables that the store has to hold.
        views: ``CREATE OR REPLACE VIEW`` statements.
        create: Whether a store that is not there is made.
        lock_timeout: How many seconds a transaction waits for other processes; None waits for ever.
        threads: How many threads DuckDB may use.
        memory_limit: How much memory DuckDB may use, with its unit, such as ``2GB``.
        migrations: The folder of migrations; None takes those of this package.

    Returns:
        The open store.

    Raises:
        StoreError: The store cannot be opened or made, is no store, or was made by a newer version.
    """
    if not isinstance(url, (str, PathLike)):
        raise StoreError(
            f"A store is opened by its path or URL, such as 'tachi.duckdb', not by {url!r:.60}."
        )
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
