"""Copies of the blocks that a checkpoint overwrites, kept until it is complete.

DuckDB writes rows to new places, but metadata blocks, which are in use, to where they are. A process that is
killed in the middle of such a write leaves a file that DuckDB calls corrupt, for good (measured: about one kill in
a thousand, when a process that only writes is killed again and again). So these blocks are copied to a file beside
the database before a commit. The next transaction that finds the copy puts the blocks back, and DuckDB repeats the
rest from its write-ahead log.

The copies rely on how a DuckDB file is laid out: three headers, then blocks of one size. `check_layout` refuses a
file that has another layout. Sources: https://duckdb.org/docs/stable/internals/storage, and files that DuckDB
1.5.5 and 2.0.1 made.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store import disk
from tachi_data.store._sql import statements

sql = statements("tachi_data.store")

# One main header, then two database headers of which each checkpoint writes the older one. In bytes.
_HEADER = 4096
_HEADERS = 3 * _HEADER
_BLOCK = 262_144
_NUMBER = 8

# Main header: checksum (8 bytes), "DUCK", storage version. Database header: checksum, iteration, first metadata
# block, first free block, number of blocks, block size.
_MAGIC = b"DUCK"
_MAGIC_AT = 8
_VERSION_AT = 12
_BLOCK_SIZE_AT = 40

# DuckDB 1.0 to 1.5 write 64 to 68, and 2.0 writes 999.
_VERSIONS = frozenset({64, 65, 66, 67, 68, 999})


def check_layout(database: Path) -> None:
    """Refuse a file whose blocks the copies would not find.

    Raises:
        StoreError: The file is no DuckDB file, or has another storage version or block size.
        OSError: The file cannot be read.
    """
    with database.open("rb") as file:
        headers = file.read(_HEADERS)
    if headers[_MAGIC_AT:_VERSION_AT] != _MAGIC or len(headers) < _HEADERS:
        raise StoreError(f"{database} is not a DuckDB file.")
    version = _number(headers, _VERSION_AT)
    if version not in _VERSIONS:
        known = ", ".join(map(str, sorted(_VERSIONS)))
        raise StoreError(
            f"{database} has DuckDB's storage version {version}, and tachi_data knows {known}:"
            " upgrade tachi_data, or copy the tables into a new store."
        )
    # A loss of power may tear one of the two headers; DuckDB then uses the other one.
    sizes = [_number(headers, start + _BLOCK_SIZE_AT) for start in (_HEADER, 2 * _HEADER)]
    if _BLOCK not in sizes:
        raise StoreError(
            f"{database} has blocks of {sizes[0]:,} bytes, and a store needs blocks of {_BLOCK:,} bytes:"
            " copy the tables into a new store."
        )


def _number(headers: bytes, start: int) -> int:
    return int(struct.unpack_from("<Q", headers, start)[0])


def journal(database: Path) -> Path:
    """Returns the path of the copy, which may not exist."""
    return database.with_name(f"{database.name}.before")


def save(con: DuckDBPyConnection, database: Path) -> None:
    """Copy the headers and the metadata blocks, as they are in the file now.

    The copy and its name are on the disk when this returns. A valid copy that exists already is kept: an earlier
    checkpoint failed, so the file is still as it was then.

    Raises:
        StoreError: The copy cannot be written, for example on a full disk; then there is none.
    """
    rows = con.execute(sql("metadata_blocks")).fetchall()
    place = journal(database)
    try:
        if _valid_copy(database) is not None:
            return
        with database.open("rb") as file:
            parts = [file.read(_HEADERS)]
            for (block,) in rows:
                file.seek(_HEADERS + block * _BLOCK)
                content = file.read(_BLOCK)
                # A block that is not in the file yet has nothing to lose.
                if len(content) == _BLOCK:
                    parts += [block.to_bytes(_NUMBER), content]
        copy = b"".join(parts)
        disk.write(place, copy + zlib.crc32(copy).to_bytes(_NUMBER))
        disk.sync(place.parent)
    except OSError as error:
        # One that stays is void: it is only half there, or as the file is.
        with suppress(OSError):
            place.unlink()
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"Nothing was changed, since {place} cannot be written: {reason}."
        ) from error


def restore(database: Path) -> None:
    """Put the blocks back, unless the checkpoint was completed (its last write is a header).

    Raises:
        StoreError: The database cannot be read or written; the copy stays for the next attempt.
    """
    try:
        copy = _valid_copy(database)
        if copy is None:
            return
        with database.open("r+b") as file:
            for start in range(_HEADERS, len(copy), _NUMBER + _BLOCK):
                block = int.from_bytes(copy[start : start + _NUMBER])
                file.seek(_HEADERS + block * _BLOCK)
                file.write(copy[start + _NUMBER : start + _NUMBER + _BLOCK])
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"{database} cannot be recovered after a stop: {reason}.") from error


def is_complete(database: Path) -> bool:
    """Returns whether the checkpoint after `save` has written its header, and so has ended.

    Raises:
        StoreError: It has, but the disk does not confirm that: the changes may go with a loss of power.
    """
    try:
        before = journal(database).read_bytes()[:_HEADERS]
        with database.open("r+b") as file:
            if file.read(_HEADERS) == before:
                return False
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(
            f"The changes are in {database}, but the disk does not confirm it: {error.strerror}."
            " Look at the disk, and then at what is in the store, before you do them again."
        ) from error
    return True


def log(database: Path) -> Path:
    """Returns the path of DuckDB's write-ahead log, which may not exist."""
    return database.with_name(f"{database.name}.wal")


def log_size(database: Path) -> int:
    """Returns the size of the write-ahead log in bytes; 0 where there is none."""
    try:
        return log(database).stat().st_size
    except FileNotFoundError:
        return 0


def cut_log(database: Path, size: int) -> None:
    """Take back what a failed commit has written to the write-ahead log.

    DuckDB cuts its log itself, but not where the disk refuses that, too; and it does not sync the cut.

    Args:
        database: The file of the store.
        size: The size of the log before the commit, in bytes.

    Raises:
        OSError: The disk refuses that: if the log has all of the commit, the next transaction finds it there.
    """
    with suppress(FileNotFoundError), log(database).open("r+b") as file:
        if os.fstat(file.fileno()).st_size > size:
            file.truncate(size)
        os.fsync(file.fileno())


def _valid_copy(database: Path) -> bytes | None:
    """Returns the copy without its checksum; None where it is missing, half made, or older than the headers."""
    try:
        content = journal(database).read_bytes()
    except FileNotFoundError:
        return None
    copy, checksum = content[:-_NUMBER], content[-_NUMBER:]
    if zlib.crc32(copy).to_bytes(_NUMBER) != checksum:
        # The process was killed while it made the copy, before it changed anything.
        return None
    with database.open("rb") as file:
        return copy if file.read(_HEADERS) == copy[:_HEADERS] else None
