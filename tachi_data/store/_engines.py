"""DuckDB engines to attach a database to, for the length of one transaction.

Starting an engine takes some 15 ms, attaching a file 2 ms: so engines, which have no file of their
own, are kept and used again. A transaction has a connection of its own, so that no registered
frame, temporary table or setting outlives it.

A commit is a checkpoint, so that rows are written once, not to a write-ahead log first. Where DuckDB
cannot do that, it does write the log, and detaching the checkpoint.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store._sql import literal

MAX_IDLE = 4

# The words of DuckDB 1.5 and 2.0 for a commit that is in the log, after which the checkpoint failed.
_DURABLE = "COMMIT succeeded and is durable"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How much of the machine an engine may use; None leaves it to DuckDB."""

    threads: int | None = None
    memory_limit: str | None = None

    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        """The settings that DuckDB starts with."""
        config: dict[str, str | bool | int | float | list[str]] = {
            # Nothing is fetched from the network behind anyone's back.
            "autoinstall_known_extensions": False,
            # Rows without ORDER BY come as they were inserted: answers can be repeated.
            "preserve_insertion_order": True,
            # A commit is a checkpoint.
            "checkpoint_threshold": "1B",
        }
        if self.threads is not None:
            config["threads"] = self.threads
        if self.memory_limit is not None:
            config["memory_limit"] = self.memory_limit
        return config


_idle: dict[Settings, list[DuckDBPyConnection]] = defaultdict(list)
# All engines and connections that belong to this process.
_ours: set[DuckDBPyConnection] = set()


@contextmanager
def attached(
    database: str, options: str, settings: Settings, *, setup: str = ""
) -> Iterator[DuckDBPyConnection]:
    """A connection whose default database is this one; it is detached again at the end.

    Args:
        database: Path, or whatever else DuckDB's ATTACH takes.
        options: What ATTACH has in its brackets.
        settings: Of the engine.
        setup: SQL to run on the engine before.
    """
    engine = _take(settings)
    try:
        if setup:
            engine.execute(setup)
        engine.execute(f"ATTACH {literal(database)} AS store ({options})")
        con = engine.cursor()
        con.execute("USE store")
    except BaseException:
        _discard(engine)
        raise
    _ours.add(con)
    try:
        yield con
    finally:
        _put_back(engine, con, settings)


@contextmanager
def transaction(
    con: DuckDBPyConnection, before_commit: Callable[[], None] | None = None
) -> Iterator[None]:
    """Commit at the end, or roll back if there is an exception.

    Where DuckDB has written the commit to its log, and only the checkpoint after it failed (a full disk), the
    transaction is done. A warning says so, and the next transaction makes the checkpoint.

    Args:
        con: A connection of `attached`.
        before_commit: Is called after the block, before the commit; its exception rolls back, too.

    Raises:
        StoreError: The commit failed, for example on a full disk, and so nothing has changed.
    """
    con.execute("BEGIN")
    try:
        yield
        if before_commit and con in _ours:
            before_commit()
    except BaseException:
        if con in _ours:
            # DuckDB may have rolled back already.
            with suppress(duckdb.Error):
                con.execute("ROLLBACK")
        raise
    if con in _ours:
        try:
            con.execute("COMMIT")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            if _DURABLE in reason:
                _log.warning("A commit is in the log, but a checkpoint is due: %s", reason)
                return
            raise StoreError(f"Nothing was changed, since writing failed: {reason}") from error


def _take(settings: Settings) -> DuckDBPyConnection:
    with suppress(IndexError):
        return _idle[settings].pop()
    engine = duckdb.connect(config=settings.config())
    _ours.add(engine)
    # Without the extension for time zones there is nothing but UTC.
    with suppress(duckdb.CatalogException, duckdb.InvalidInputException):
        engine.execute("SET GLOBAL TimeZone = 'UTC'")
    return engine


def _put_back(engine: DuckDBPyConnection, con: DuckDBPyConnection, settings: Settings) -> None:
    if engine not in _ours:
        return
    _ours.discard(con)
    con.close()
    try:
        engine.execute("DETACH store")
    except duckdb.Error:
        # The checkpoint failed (a full disk). What was committed is safe in the write-ahead log, so
        # the transaction has not failed; the next one tries again.
        _discard(engine)
        return
    if len(_idle[settings]) < MAX_IDLE:
        _idle[settings].append(engine)
    else:
        _discard(engine)


def _discard(engine: DuckDBPyConnection) -> None:
    _ours.discard(engine)
    engine.close()


def _leave_to_parent() -> None:
    """In a forked child: forget all engines, without destroying them.

    Their threads exist in the parent only, and destroying one without its threads crashes.
    """
    for connection in _ours:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))
    _ours.clear()
    _idle.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
