"""Files that survive a loss of power, and exist as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file; its content is on the disk when this returns, but not yet its name (see `sync`).

    Args:
        path: The file; an old one is overwritten.
        content: All bytes of the file.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, content: bytes) -> None:
    """Write a file that others may be reading: a reader gets all of the old content, or all of the new.

    Content and name are on the disk when this returns.

    Args:
        path: The file; its folder is made where it is missing.
        content: All bytes of the file.

    Raises:
        OSError: The file cannot be written; the old one is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write(part, content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Write the names in a folder to the disk.

    Args:
        folder: The names of its files, not of files in folders within it.

    Raises:
        OSError: The folder cannot be opened.
    """
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
