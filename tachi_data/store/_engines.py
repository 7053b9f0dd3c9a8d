"""DuckDB engines to attach a database to, for the length of one transaction.

Starting an engine takes some 15 ms, so engines are kept and used again. They have no file of their own: the
database is attached for one transaction and detached again. Each transaction has a connection of its own, so no
registered frame, temporary table or setting outlives it.

A commit makes a checkpoint. Many rows are then written only once, straight into the file. Few rows are written to
the write-ahead log first, and the checkpoint brings them into the file.

The attachment is not kept between transactions, although it costs the larger part of a small one (median of 60,
busy machine, 2,000,000 rows, 80 tables: writing one row takes 139 ms, in a kept attachment 81 ms; reading one row
takes 45 ms and 6 ms). DuckDB's own lock on the file goes with the attachment, so a process that is paused between
two transactions would stop all others for as long as it is paused. Today it stops them only if it is paused within
a transaction.
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
    """How much of the machine an engine may use.

    Attributes:
        threads: The number of threads; None leaves it to DuckDB.
        memory_limit: A size with its unit, such as ``2GB``; None leaves it to DuckDB.
    """

    threads: int | None = None
    memory_limit: str | None = None

    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        """Returns the settings that DuckDB starts with."""
        config: dict[str, str | bool | int | float | list[str]] = {
            # DuckDB fetches nothing from the network by itself.
            "autoinstall_known_extensions": False,
            # Frames are registered. To look for variables, DuckDB would wait for Python's lock, perhaps in a thread of
            # DuckLake, while the thread that has it waits for that one: for ever.
            "python_enable_replacements": False,
            # Without ORDER BY, rows have the order in which they were inserted: answers can be repeated.
            "preserve_insertion_order": True,
            # Each commit makes a checkpoint.
            "checkpoint_threshold": "1B",
            # Texts in the layout of Polars, which takes them without a copy.
            "arrow_output_version": "1.4",
            "produce_arrow_string_view": True,
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
    """Attach a database to an engine; the block gets a connection that has it as default database.

    Args:
        database: A path, or another text that DuckDB's ATTACH takes.
        options: The options of ATTACH, without their brackets.
        settings: The settings of the engine.
        setup: SQL that runs on the engine before.

    Raises:
        duckdb.Error: The database cannot be attached.
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
    con: DuckDBPyConnection,
    before_commit: Callable[[], None] | None = None,
    is_done: Callable[[str], bool] = lambda reason: False,
) -> Iterator[None]:
    """Commit at the end, or roll back if there is an exception.

    Where DuckDB has written the commit to its log, and only the checkpoint after it failed (a full disk), the
    transaction is done. A warning says so, and the next transaction makes the checkpoint.

    Args:
        con: A connection of `attached`.
        before_commit: Is called after the block, before the commit; its exception rolls back, too.
        is_done: Gets the reason why a commit failed, and returns whether the changes are stored all the same: so
            they are where the checkpoint was complete, and only what comes after it failed, such as the removal of
            the log. It raises `UncertainCommit` where nobody can know.

    Raises:
        StoreError: The commit failed, for example on a full disk, and so nothing has changed.
        UncertainCommit: It is not known whether anything has changed.
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
            if _DURABLE in reason or is_done(str(error)):
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
        # The checkpoint failed (a full disk). The commit is safe in the write-ahead log, so the transaction has
        # not failed; the next one tries the checkpoint again.
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
    """In a forked child, forget all engines without destroying them.

    The threads of an engine exist only in the parent, and destroying an engine without its threads crashes. A
    reference from a module would end when the child exits, and the child would crash then. So each connection
    gets one reference more than exist, and Python never destroys it.
    """
    for connection in _ours:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))
    _ours.clear()
    _idle.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
