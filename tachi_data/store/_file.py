"""The default kind of store: one DuckDB file, open only while a transaction lasts."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError, UncertainCommit
from tachi_data.store import disk
from tachi_data.store._engines import Settings, attached, transaction
from tachi_data.store._journal import (
    check_layout,
    cut_log,
    is_complete,
    journal,
    log,
    log_size,
    restore,
    save,
)
from tachi_data.store._locking import FairLock

_log = logging.getLogger("tachi_data.store")

# Endings of the files that a killed process leaves beside the store: DuckDB's logs, and our copies.
_REMAINS = (".wal", ".wal.checkpoint", ".wal.recovery", ".before")

# The words of DuckDB 1.5 and 2.0 for a log or database that could not be written, so that a commit is not complete.
_UNWRITTEN = "Could not write"


class FileSession:
    """Transactions on one DuckDB file, which other processes and threads use as well.

    Args:
        path: The file.
        settings: The settings of its engines.
        lock_timeout: How many seconds a transaction waits for others; None waits for ever.
    """

    def __init__(self, path: Path, settings: Settings, lock_timeout: float | None) -> None:
        # Two names of one file must lead to one lock.
        self.path = path.expanduser().resolve()
        self.name = str(self.path)
        self._settings = settings
        self._lock = FairLock(self.path, lock_timeout)

    def exists(self) -> bool:
        """Returns whether the file is there. An empty file, as `tempfile` makes it, is no store yet."""
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a directory, not a store.")
        if not self.path.parent.is_dir():
            raise StoreError(f"There is no folder {self.path.parent} to keep a store in.")
        return self.path.exists() and self.path.stat().st_size > 0

    def create(self, fill: Callable[[DuckDBPyConnection], None]) -> None:
        """Make the file under another name first, so that nobody ever sees a half-made one."""
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise StoreError(f"There is no permission to make a store in {self.path.parent}.")
        new = self.path.with_name(f"{self.path.name}.new")
        with self._lock.hold(writing=True):
            if self.exists():
                return
            try:
                _remove(new, *_remains(new), *_remains(self.path))
                with self._attached(new, "READ_WRITE") as con, transaction(con):
                    fill(con)
                if any(name.exists() for name in _remains(new)):
                    raise StoreError(f"{self.path} cannot be made: is the disk full?")
                check_layout(new)
                new.replace(self.path)
                disk.sync(self.path.parent)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise StoreError(f"{self.path} cannot be made: {reason}.") from error
            finally:
                # What stays is removed before the next attempt.
                with suppress(OSError):
                    _remove(new, *_remains(new))

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[DuckDBPyConnection]:
        """Lock the file, open it, and close it again.

        Raises:
            StoreError: The file cannot be used, or was in use for too long; or it could not be written, or
                another program replaced or deleted it meanwhile. The message says whether anything changed.
        """
        with ExitStack() as stack:
            stack.enter_context(self._lock.hold(writing=writing))
            self._check(writing)
            if writing:
                self._recover()
                stack.push(partial(self._forget, os.getpid()))
                inode = _inode(self.path)
                stack.enter_context(self._unreplaced(inode))
                con = stack.enter_context(self._attached(self.path, "READ_WRITE"))
                before = partial(self._before_commit, con, inode)
                done = partial(self._is_done, log_size(self.path))
                stack.enter_context(transaction(con, before, done))
            else:
                if self._needs_recovery():
                    stack.close()
                    with self._lock.hold(writing=True):
                        self._recover()
                    stack.enter_context(self._lock.hold(writing=False))
                con = stack.enter_context(self._attached(self.path, "READ_ONLY"))
            yield con

    @contextmanager
    def _unreplaced(self, inode: tuple[int, int] | None) -> Iterator[None]:
        """Refuse to call a transaction done if the store is another file by then, or gone."""
        yield
        if _inode(self.path) != inode:
            raise StoreError(
                f"{self.path} was replaced or deleted while it was written to:"
                " the changes of this transaction are lost with the old file."
            )

    def _before_commit(self, con: DuckDBPyConnection, inode: tuple[int, int] | None) -> None:
        if _inode(self.path) != inode:
            raise StoreError(
                f"Nothing was changed, since {self.path} was replaced or deleted while it was written to."
            )
        save(con, self.path)

    def _is_done(self, log_size: int, reason: str) -> bool:
        """Returns whether a commit that failed is in the file all the same; else takes it out of the log."""
        if is_complete(self.path):
            return True
        try:
            cut_log(self.path, log_size)
        except OSError as error:
            # Half a commit in the log is none.
            if _UNWRITTEN not in reason:
                raise UncertainCommit(
                    f"It is not known whether the changes are stored: {log(self.path)} could neither be synced nor"
                    f" cut ({(error.strerror or str(error)).lower()}). Mend the disk; the next use of the store"
                    " decides. Look at what is in the store before you make the changes again."
                ) from error
        return False

    def _needs_recovery(self) -> bool:
        return any(p.exists() for p in _remains(self.path)) and os.access(self.path, os.W_OK)

    def _recover(self) -> None:
        """Bring what a killed process had committed into the file; the lock is held for writing."""
        if self._needs_recovery():
            restore(self.path)
            with self._attached(self.path, "READ_WRITE"):
                pass
            if self._is_checkpoint_due():
                # On a full disk this checkpoint failed, too. The log still has what was committed.
                restore(self.path)
            self._forget(os.getpid(), None)

    def _is_checkpoint_due(self) -> bool:
        return log(self.path).exists()

    def _forget(self, process: int, failure: type[BaseException] | None, *_: object) -> None:
        """Remove the copies, unless the transaction or its checkpoint failed.

        A child that was forked within the transaction leaves them to the process that began it.
        """
        if os.getpid() == process and failure is None and not self._is_checkpoint_due():
            try:
                journal(self.path).unlink(missing_ok=True)
            except OSError as error:
                # Headers that are newer make it void; the next transaction that writes removes it.
                _log.warning("%s cannot be removed yet: %s", journal(self.path), error)

    def _check(self, writing: bool) -> None:
        """Refuse a file that DuckDB would refuse less clearly, or would create."""
        if not self.exists():
            raise StoreError(f"There is no store at {self.path}.")
        if not os.access(self.path, os.W_OK if writing else os.R_OK):
            raise StoreError(
                f"There is no permission to {'write to' if writing else 'read'} {self.path}."
            )
        check_layout(self.path)

    @contextmanager
    def _attached(self, path: Path, options: str) -> Iterator[DuckDBPyConnection]:
        with ExitStack() as stack:
            yield self._attach(path, options, stack)

    def _attach(self, path: Path, options: str, stack: ExitStack) -> DuckDBPyConnection:
        """Attach the file; wait while a program that does not know our lock has it open."""
        timeout = self._lock.timeout
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return stack.enter_context(attached(str(path), options, self._settings))
            except (duckdb.Error, OSError) as error:
                reason = str(error).splitlines()[0]
                if "lock on file" not in reason:
                    raise StoreError(f"{path} cannot be opened: {reason}") from error
                if deadline is not None and time.monotonic() > deadline:
                    raise StoreError(
                        f"Gave up after {timeout:g} s of waiting for {path}: {reason}"
                    ) from error
            time.sleep(0.05)


def _remains(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in _REMAINS]


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _inode(path: Path) -> tuple[int, int] | None:
    """Returns what tells a file from another one of the same name; None where there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
