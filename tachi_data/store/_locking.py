"""A fair lock between processes, and between threads: many readers, or one writer.

Two files lie next to the database. A transaction locks the *queue* file first, and keeps it while it waits for the
*room* file. Readers share the room; a writer has it alone. So a waiting writer keeps new readers behind it, and
transactions begin in the order in which they asked. The kernel drops the locks of a process that dies, in whatever
way it dies. Of the threads of a process, one waits for the kernel, and the others behind it. A paused process
(SIGSTOP) keeps the locks of the transaction it is in, and only those. The files are never removed: a lock on a
removed file excludes nobody.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tachi_data.errors import StoreError

# Descriptors of lock files that this process has locked, or waits to lock.
_open_files: set[int] = set()
# (process, thread, database) of each transaction.
_holders: set[tuple[int, int, str]] = set()


@contextmanager
def once_per_thread(database: str) -> Iterator[None]:
    """Refuse a transaction within a transaction, which would wait for itself."""
    # A transaction may end in another thread than it began in, so its holder is remembered by value.
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
    """The lock of one database file.

    Args:
        database: The lock files are its neighbours.
        timeout: How many seconds `hold` waits at most; None waits for ever.
    """

    def __init__(self, database: Path, timeout: float | None) -> None:
        self._database = database
        self._queue = database.with_name(f"{database.name}.queue")
        self._room = database.with_name(f"{database.name}.lock")
        self.timeout = timeout

    @contextmanager
    def hold(self, *, writing: bool) -> Iterator[None]:
        """Hold the database for reading together with others, or for writing alone.

        Args:
            writing: Whether to hold it alone.

        Raises:
            StoreError: This thread holds it already, the time-out is over, or the lock files cannot be used.
        """
        with once_per_thread(str(self._database)):
            room = self._enter(writing)
            try:
                yield
            finally:
                _release(room)

    def _enter(self, writing: bool) -> int:
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        line = _lines.setdefault(str(self._database), _Line())
        try:
            with line.turn(deadline):
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
            if not (self._queue.exists() and self._room.exists()):
                reason = (
                    f"its lock files, {self._queue.name} and {self._room.name}, are not there and cannot be made in"
                    f" {self._database.parent} ({reason}). Copy the store to a place that can be written"
                )
            raise StoreError(f"Cannot lock {self._database}: {reason}.") from error


class _Line:
    """The threads of this process that want to enter a database, in the order in which they asked."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    @contextmanager
    def turn(self, deadline: float | None) -> Iterator[None]:
        """Be the first in the line.

        Raises:
            TimeoutError: The deadline, in seconds of the monotonic clock, is over.
        """
        called = threading.Event()
        with self._changing:
            if self._is_taken:
                self._waiting.append(called)
            else:
                self._is_taken = True
                called.set()
        try:
            if not called.wait(_left(deadline)):
                raise TimeoutError
            yield
        finally:
            with self._changing:
                self._leave(called)

    def _leave(self, called: threading.Event) -> None:
        if not called.is_set():
            self._waiting.remove(called)
        elif self._waiting:
            self._waiting.popleft().set()
        else:
            self._is_taken = False


_lines: dict[str, _Line] = {}


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - time.monotonic(), 0)


class _Wait(threading.Thread):
    """A thread that waits for a lock, so that the thread that asked can stop waiting.

    The kernel serves waiting processes in order, but `flock` has no time limit. A signal would end it only in the
    main thread, and a loop of attempts would lose the place in the kernel's order. So `flock` waits in a thread of
    its own. If the asking thread gives up, the next that asks takes this over, with its place in the order. If none
    does, this thread still gets the lock some time, and releases it at once.
    """

    def __init__(self, file: int, mode: int) -> None:
        super().__init__(name="wait for a store", daemon=True)
        self.file, self._mode = file, mode
        self._verdict = threading.Lock()
        self._done = threading.Event()
        self.given_up = False
        self._error: OSError | None = None

    def run(self) -> None:
        try:
            fcntl.flock(self.file, self._mode)
        except OSError as error:
            self._error = error
        with self._verdict:
            if self.given_up:
                _release(self.file)
            self._done.set()

    def take_over(self) -> bool:
        """Go on with a wait that its thread gave up; whether it was not too late."""
        with self._verdict:
            self.given_up = self.given_up and self._done.is_set()
        return not self.given_up

    def until(self, deadline: float | None) -> None:
        """Return when the file is locked; after a time-out this thread owns the file.

        Raises:
            TimeoutError: The deadline, in seconds of the monotonic clock, is over.
            OSError: The file cannot be locked.
        """
        try:
            self._done.wait(_left(deadline))
        finally:
            with self._verdict:
                self.given_up = not self._done.is_set()
        if self.given_up:
            raise TimeoutError
        if self._error:
            raise self._error


# The newest wait for each file and mode; only the first in the line of a database touches those of its files.
_waits: dict[tuple[Path, int], _Wait] = {}


def _lock(path: Path, mode: int, deadline: float | None) -> int:
    """Returns the descriptor of a file, opened and locked.

    Raises:
        TimeoutError: The deadline, in seconds of the monotonic clock, is over.
        OSError: The file cannot be opened or locked.
    """
    wait = _waits.pop((path, mode), None)
    if wait is None or not wait.take_over():
        file = _open(path)
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            wait = _Wait(file, mode)
            wait.start()
        except BaseException:
            _release(file)
            raise
        else:
            return file
    try:
        wait.until(deadline)
    except BaseException:
        if wait.given_up:
            _waits[path, mode] = wait
        else:
            _release(wait.file)
        raise
    return wait.file


def _open(path: Path) -> int:
    """Returns the descriptor of a lock file. A file that may only be read can be locked, too."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        file = os.open(path, os.O_RDONLY)
    _open_files.add(file)
    return file


def _release(file: int) -> None:
    """Unlock and close a file. Does nothing if that was done, or in a forked child, which owns no lock."""
    if file not in _open_files:
        return
    _open_files.discard(file)
    try:
        # A child process may have the file open, too, for a moment; then closing would not unlock it.
        fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        os.close(file)


def _leave_to_parent() -> None:
    """In a forked child, close the inherited files, without unlocking them for the parent."""
    for file in _open_files:
        os.close(file)
    _open_files.clear()
    _lines.clear()
    _waits.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


def _users(room: Path) -> str:
    """Returns the processes that hold a lock file, in words."""
    pids = {pid for pid, inode in _kernel_locks() if inode == room.stat().st_ino}
    if not pids:
        return "another process"
    return " and ".join(
        "another thread of this process" if pid == os.getpid() else f"process {pid}{_command(pid)}"
        for pid in sorted(pids)
    )


def _kernel_locks() -> Iterator[tuple[int, int]]:
    """Process and inode of each flock that is held; nothing where the system has no list of them."""
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
