"""A fair lock between processes, and between threads: many readers, or one writer.

Two files lie next to the database. Whoever wants in takes the *queue* first, and keeps it while
waiting for the *room*, which readers share and a writer has alone. So a writer that waits keeps new
readers behind it, and everybody goes about in order. The kernel drops the locks of a process that
dies, whatever way it dies. The files are never removed: a lock on a removed file excludes nobody.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tachi_data.errors import StoreError

# Files with a lock or waiting for one, in this process.
_open_files: set[int] = set()
# (process, thread, database) of each transaction.
_holders: set[tuple[int, int, str]] = set()


@contextmanager
def once_per_thread(database: str) -> Iterator[None]:
    """Refuse a transaction within a transaction, which would wait for itself."""
    # The holder is remembered by value: the transaction may end in another thread than it began in.
    holder = (os.getpid(), threading.get_ident(), database)
    if holder in _holders:
        raise StoreError(
            f"This thread already has a transaction open on {database};"
            " use its connection instead of opening another one."
        )
    _holders.add(holder)
    try:
        yield
    finally:
        _holders.discard(holder)


class FairLock:
    """The lock of one database file; ``timeout`` is in seconds, None waits for ever."""

    def __init__(self, database: Path, timeout: float | None) -> None:
        self._database = database
        self._queue = database.with_name(f"{database.name}.queue")
        self._room = database.with_name(f"{database.name}.lock")
        self.timeout = timeout

    @contextmanager
    def hold(self, *, writing: bool) -> Iterator[None]:
        """Have the database for reading together with others, or for writing alone.

        Raises:
            StoreError: This thread has it already, or the time-out is over.
        """
        with once_per_thread(str(self._database)):
            room = self._enter(writing)
            try:
                yield
            finally:
                _release(room)

    def _enter(self, writing: bool) -> int:
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        try:
            turn = _lock(self._queue, fcntl.LOCK_EX, deadline)
            try:
                return _lock(self._room, fcntl.LOCK_EX if writing else fcntl.LOCK_SH, deadline)
            finally:
                _release(turn)
        except TimeoutError:
            what = "write to" if writing else "read"
            raise StoreError(
                f"Gave up after {self.timeout:g} s of waiting to {what} {self._database},"
                f" which is in use by {_users(self._room)}."
            ) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StoreError(f"Cannot lock {self._database}: {reason}.") from error


class _Wait(threading.Thread):
    """Waits for a lock without a time limit, so that who waits in front of it can have one.

    (Trying again and again instead would be neither fair nor quick.)
    """

    def __init__(self, file: int, mode: int) -> None:
        super().__init__(name="wait for a store", daemon=True)
        self._file, self._mode = file, mode
        self._verdict = threading.Lock()
        self._done = threading.Event()
        self.given_up = False
        self._error: OSError | None = None

    def run(self) -> None:
        try:
            fcntl.flock(self._file, self._mode)
        except OSError as error:
            self._error = error
        with self._verdict:
            if self.given_up:
                _release(self._file)
            self._done.set()

    def until(self, seconds: float) -> None:
        """Return once the lock is there. Who gives up leaves the file to this thread."""
        try:
            self._done.wait(max(seconds, 0))
        finally:
            with self._verdict:
                self.given_up = not self._done.is_set()
        if self.given_up:
            raise TimeoutError
        if self._error:
            raise self._error


def _lock(path: Path, mode: int, deadline: float | None) -> int:
    """Open and lock a file; `TimeoutError` after the deadline."""
    file = _open(path)
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    except BaseException:
        _release(file)
        raise
    else:
        return file
    if deadline is None:
        return _lock_for_ever(file, mode)
    wait = _Wait(file, mode)
    wait.start()
    try:
        wait.until(deadline - time.monotonic())
    except BaseException:
        if not wait.given_up:
            _release(file)
        raise
    return file


def _lock_for_ever(file: int, mode: int) -> int:
    try:
        fcntl.flock(file, mode)
    except BaseException:
        _release(file)
        raise
    return file


def _open(path: Path) -> int:
    """Open a lock file; who may only read it can lock it, too."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        file = os.open(path, os.O_RDONLY)
    _open_files.add(file)
    return file


def _release(file: int) -> None:
    """Unlock and close, unless another owner did, or this is a child process (it owns nothing)."""
    if file not in _open_files:
        return
    _open_files.discard(file)
    try:
        # A child process may have the file, too, for a moment: closing ours would not unlock it.
        fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        os.close(file)


def _leave_to_parent() -> None:
    """In a forked child: close what came along, without unlocking what the parent still holds."""
    for file in _open_files:
        os.close(file)
    _open_files.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


def _users(room: Path) -> str:
    """Who holds a lock file, in words."""
    pids = {pid for pid, inode in _kernel_locks() if inode == room.stat().st_ino}
    if not pids:
        return "another process"
    return " and ".join(
        "another thread of this process" if pid == os.getpid() else f"process {pid}{_command(pid)}"
        for pid in sorted(pids)
    )


def _kernel_locks() -> Iterator[tuple[int, int]]:
    """Process and inode of each flock that is held; nothing where the system does not tell."""
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        # 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
        words = line.split()
        if words[1] == "FLOCK":
            yield int(words[4]), int(words[5].rpartition(":")[2])


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return f" ({' '.join(words).strip()[:80]})"
