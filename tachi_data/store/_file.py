"""The default kind of store: one DuckDB file, open only while a transaction lasts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store._engines import Settings, attached, transaction
from tachi_data.store._journal import journal, restore, save
from tachi_data.store._locking import FairLock

# What lies beside a file when its process was killed: DuckDB's logs, and our copies.
_REMAINS = (".wal", ".wal.checkpoint", ".wal.recovery", ".before")


class FileSession:
    """Transactions on one DuckDB file, which other processes and threads use as well."""

    def __init__(self, path: Path, settings: Settings, lock_timeout: float | None) -> None:
        # Two names of one file must lead to one lock.
        self.path = path.expanduser().resolve()
        self.name = str(self.path)
        self._settings = settings
        self._lock = FairLock(self.path, lock_timeout)

    def exists(self) -> bool:
        """Whether the file is there; an empty one, as `tempfile` makes them, is not."""
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a directory, not a store.")
        if not self.path.parent.is_dir():
            raise StoreError(f"There is no folder {self.path.parent} to keep a store in.")
        return self.path.exists() and self.path.stat().st_size > 0

    def create(self, fill: Callable[[DuckDBPyConnection], None]) -> None:
        """Make the file under another name first, so that no half-made one is ever seen."""
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise StoreError(f"There is no permission to make a store in {self.path.parent}.")
        new = self.path.with_name(f"{self.path.name}.new")
        with self._lock.hold(writing=True):
            if self.exists():
                return
            for name in (new, *_remains(new), *_remains(self.path)):
                name.unlink(missing_ok=True)
            with self._attached(new, "READ_WRITE") as con, transaction(con):
                fill(con)
            new.replace(self.path)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[DuckDBPyConnection]:
        """The file is locked, opened, and closed again."""
        with ExitStack() as stack:
            stack.enter_context(self._lock.hold(writing=writing))
            self._check(writing)
            if writing:
                self._recover()
                stack.push(partial(self._forget, os.getpid()))
                con = stack.enter_context(self._attached(self.path, "READ_WRITE"))
                stack.enter_context(transaction(con, lambda: save(con, self.path)))
            else:
                if self._needs_recovery():
                    stack.close()
                    with self._lock.hold(writing=True):
                        self._recover()
                    stack.enter_context(self._lock.hold(writing=False))
                con = stack.enter_context(self._attached(self.path, "READ_ONLY"))
            yield con

    def _needs_recovery(self) -> bool:
        return any(p.exists() for p in _remains(self.path)) and os.access(self.path, os.W_OK)

    def _recover(self) -> None:
        """What a killed process had committed gets into the file; the lock is held for writing."""
        if self._needs_recovery():
            restore(self.path)
            with self._attached(self.path, "READ_WRITE"):
                pass
            self._forget(os.getpid(), None)

    def _forget(self, process: int, failure: type[BaseException] | None, *_: object) -> None:
        """The copies have served, unless the checkpoint failed.

        A child that was forked within the transaction leaves them to the process that began it.
        """
        failed = failure is not None or self.path.with_name(f"{self.path.name}.wal").exists()
        if os.getpid() == process and not failed:
            journal(self.path).unlink(missing_ok=True)

    def _check(self, writing: bool) -> None:
        """Refuse what DuckDB would refuse less clearly, or would make a new file of."""
        if not self.exists():
            raise StoreError(f"There is no store at {self.path}.")
        if not os.access(self.path, os.W_OK if writing else os.R_OK):
            raise StoreError(
                f"There is no permission to {'write to' if writing else 'read'} {self.path}."
            )
        with self.path.open("rb") as file:
            if file.read(12)[8:] != b"DUCK":
                raise StoreError(f"{self.path} is not a DuckDB file.")

    @contextmanager
    def _attached(self, path: Path, options: str) -> Iterator[DuckDBPyConnection]:
        with ExitStack() as stack:
            yield self._attach(path, options, stack)

    def _attach(self, path: Path, options: str, stack: ExitStack) -> DuckDBPyConnection:
        """Attach the file; wait where a program that knows nothing of our lock has it open."""
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
