"""What a disk may hold after a kill or a loss of power, made from the log of all changes that a process made.

A kill leaves all changes until then. After a loss of power, what was synced is there; of later writes any part may
be missing, or torn at a sector or a page. Names (new files, renames, deletions) are there in their order up to some
point, which is at least that of the last sync, as ext4 journals them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

HEAD = struct.Struct("<cIIQ")
SECTOR, PAGE = 512, 4096


@dataclass(frozen=True)
class Change:
    """A change of a file: create, write, sync, truncate, rename or unlink, by the first letter."""

    kind: str
    path: str
    offset: int
    data: bytes


@dataclass(eq=False)
class File:
    """What is on the disk of a file, and the changes that are not synced yet."""

    content: bytearray
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        """Put all changes onto the disk."""
        for change in self.pending:
            _put(self.content, change)
        self.pending.clear()

    def after_loss(self, chance: Random) -> bytes:
        """Some content that the disk may hold."""
        content = bytearray(self.content)
        kept = [_torn(change, chance) for change in self.pending if chance.random() < 0.6]
        if chance.random() < 0.5:
            chance.shuffle(kept)
        for change in kept:
            _put(content, change)
        return bytes(content)


def _put(content: bytearray, change: Change) -> None:
    end = change.offset + len(change.data)
    if change.kind == "t":
        del content[end:]
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.data


def _torn(change: Change, chance: Random) -> Change:
    """The change, or the first sectors or pages of it."""
    if change.kind != "w" or chance.random() < 0.6:
        return change
    unit = chance.choice((SECTOR, PAGE))
    first = -(-change.offset // unit) * unit - change.offset
    length = first + unit * chance.randint(0, len(change.data) // unit)
    return Change("w", change.path, change.offset, change.data[:length])


def changes_of(log: Path) -> Iterator[Change]:
    """The changes that ``disk.c`` has noted, in order."""
    noted, place = log.read_bytes(), 0
    while place < len(noted):
        kind, path_length, size, offset = HEAD.unpack_from(noted, place)
        place += HEAD.size
        path = noted[place : place + path_length].decode()
        place += path_length
        yield Change(kind.decode(), path, offset, noted[place : place + size])
        place += size


def half(change: Change) -> Change:
    """A write of which a kill has left the first half, as ``disk.c`` makes it."""
    return Change(change.kind, change.path, change.offset, change.data[: len(change.data) // 2])


class Disk:
    """The files of a folder, while changes are made to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = {
            str(path): File(bytearray(path.read_bytes()))
            for path in folder.rglob("*")
            if path.is_file() and path.suffix not in (".lock", ".queue")
        }
        # The names after each change of names since the last sync; the first are those of then.
        self._history = [dict(self._names)]

    def make(self, changes: Sequence[Change], moved_from: Path) -> None:
        """Make changes that a process made to another folder with the same files."""
        for change in changes:
            path = change.path.replace(str(moved_from), str(self._folder), 1)
            target = change.data.decode() if change.kind == "r" else ""
            self._make(change, path, target.replace(str(moved_from), str(self._folder), 1))

    def _make(self, change: Change, path: str, target: str) -> None:
        if change.kind == "s":
            self._history = [dict(self._names)]
            if path in self._names:
                self._names[path].sync()
        elif change.kind in "wt":
            if path in self._names:  # Else it was deleted while it was open.
                self._names[path].pending.append(change)
        else:
            if change.kind == "c" and path in self._names:
                self._names[path].pending.append(Change("t", path, 0, b""))
            elif change.kind == "c":
                self._names[path] = File(bytearray())
            elif change.kind == "r":
                self._names[target] = self._names.pop(path)
            else:
                self._names.pop(path, None)
            self._history.append(dict(self._names))

    def everything(self) -> dict[str, bytes]:
        """What a process sees, by path."""
        for file in self._names.values():
            file.sync()
        return {path: bytes(file.content) for path, file in self._names.items()}

    def kill(self) -> None:
        """Write into the folder what a killed process leaves: all that it has changed."""
        self._write(self.everything())

    def lose_power(self, chance: Random) -> None:
        """Write what may be left into the folder."""
        names = chance.choice(self._history)
        self._write({path: file.after_loss(chance) for path, file in names.items()})

    def _write(self, contents: Mapping[str, bytes]) -> None:
        for path in self._folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for path, content in contents.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
