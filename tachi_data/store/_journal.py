"""Copies of the blocks that a checkpoint overwrites, kept until it is complete.

DuckDB writes rows to new places, but metadata blocks, which are in use, to where they are. A
process that is killed in the middle of such a write leaves a file that DuckDB calls corrupt, for
good (about one kill in a thousand, when a process that does nothing but write is killed again and
again). So, before a commit, these blocks are copied to a file beside the database; whoever finds
that copy puts them back, and DuckDB makes the rest good from its write-ahead log.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from duckdb import DuckDBPyConnection

from tachi_data.store._sql import statements

sql = statements("tachi_data.store")

# How a DuckDB file is laid out: three headers, of which the last two take turns, then blocks.
_HEADERS = 12_288
_BLOCK = 262_144
_NUMBER = 8


def journal(database: Path) -> Path:
    """Where the copy is, if there is one."""
    return database.with_name(f"{database.name}.before")


def save(con: DuckDBPyConnection, database: Path) -> None:
    """Copy the headers and the metadata blocks, as they are in the file now."""
    rows = con.execute(sql("metadata_blocks")).fetchall()
    with database.open("rb") as file:
        parts = [file.read(_HEADERS)]
        for (block,) in rows:
            file.seek(_HEADERS + block * _BLOCK)
            content = file.read(_BLOCK)
            # A block that is not in the file yet has nothing to lose.
            if len(content) == _BLOCK:
                parts += [block.to_bytes(_NUMBER), content]
    copy = b"".join(parts)
    with journal(database).open("wb") as file:
        file.write(copy + zlib.crc32(copy).to_bytes(_NUMBER))
        file.flush()
        os.fsync(file.fileno())


def restore(database: Path) -> None:
    """Put the blocks back, unless the checkpoint was completed (its last write is a header)."""
    try:
        content = journal(database).read_bytes()
    except FileNotFoundError:
        return
    copy, checksum = content[:-_NUMBER], content[-_NUMBER:]
    if zlib.crc32(copy).to_bytes(_NUMBER) != checksum:
        # The process was killed while it made the copy, before it changed anything.
        return
    with database.open("r+b") as file:
        if file.read(_HEADERS) != copy[:_HEADERS]:
            return
        for start in range(_HEADERS, len(copy), _NUMBER + _BLOCK):
            block = int.from_bytes(copy[start : start + _NUMBER])
            file.seek(_HEADERS + block * _BLOCK)
            file.write(copy[start + _NUMBER : start + _NUMBER + _BLOCK])
        file.flush()
        os.fsync(file.fileno())
