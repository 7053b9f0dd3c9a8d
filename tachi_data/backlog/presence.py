"""Which processes are alive, told by locks that each holds on a file of its own in the spool folder.

A lock ends with its process, whatever ended that. It needs no clock, and neither host names nor process numbers,
which say nothing in containers: a new one has another name, and each may count its processes from 1.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from functools import cache
from pathlib import Path

from tachi_data.errors import StoreError

FOLDER = ".processes"


def identity(spool: Path) -> str:
    """Return the identity of this process, and show that it is alive from now on.

    Args:
        spool: The spool folder; others that use it can ask about this process.

    Raises:
        StoreError: The folder cannot be written, such as on a full disk.
    """
    try:
        return _shown(spool.resolve(), os.getpid())[0]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"The folder {spool} cannot be written: {reason}.") from error


@cache
def _shown(spool: Path, process: int) -> tuple[str, int]:
    """Make and lock a file. A forked child makes one of its own: it does not inherit this kind of lock."""
    del process
    name = secrets.token_hex(20)
    folder = spool / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Others know the name only when the file is locked: before, they would take this process for a dead one.
    unknown = folder / f".{name}"
    file = os.open(unknown, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unknown.rename(folder / name)
    except OSError:
        os.close(file)
        raise
    return name, file


def is_alive(spool: Path, name: object) -> bool:
    """Return whether a process is alive.

    Args:
        spool: The spool folder of that process.
        name: Its identity, from `identity`.
    """
    if not isinstance(name, str) or not name.isalnum():
        return False
    if name == identity(spool):
        return True
    try:
        with (spool / FOLDER / name).open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:  # Somebody holds it.
        return True
    return False


def forget_dead(spool: Path) -> None:
    """Delete the files of processes that have ended.

    Args:
        spool: The spool folder.
    """
    for path in (spool / FOLDER).glob("[!.]*"):
        if not is_alive(spool, path.name):
            path.unlink(missing_ok=True)
