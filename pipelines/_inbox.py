"""The inbox: ``<import type>/<player's ID>/<file>``, or ``<player's ID>/<file>`` if all are of one type.

Imported files are moved to ``done/``, refused files to ``failed/``, under the same folders and with
the ImportDocument or the reason beside it. Names that start with a dot or end with ``.part`` are still
being written. Options of an import type stand in ``options.json`` of a folder, for all files below it, or
in ``<file>.options.json`` beside a file. A file in another place stays, and gets a note of the reason.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

import tachi_data as td

log = logging.getLogger("tachi_data.pipelines")
BUSY = 409
# The number of a player has to fit into a column of the store; a file name into 255 bytes, with our endings.
MOST_PLAYERS, LONGEST_NAME = 2**63, 200
MOST_MISPLACED = 1000
NOWHERE = "The file is in no player's folder."
PLACE = "inbox/<import type>/<player's ID>/<file>"
REASON, OPTIONS = ".reason.txt", "options.json"


def files(inbox: Path, pattern: str, import_type: str | None) -> list[Path]:
    """Return the complete files, by player and name: of one type, or of the types of their folders."""
    inbox.mkdir(parents=True, exist_ok=True)
    folders = [
        folder
        for folder in inbox.glob("*/*/*" if import_type is None else "*")
        if folder.name.isdecimal()
    ]
    found = (path for folder in folders if _is_player(folder) for path in folder.glob(pattern))
    complete = (path for path in found if path.is_file() and _is_complete(path))
    return sorted(complete, key=lambda path: (player(path), path.name, path))


def _is_complete(path: Path) -> bool:
    """Whether a file holds scores: it is not being written, and is none of our notes."""
    name = path.name
    return not (name.startswith(".") or name.endswith((".part", REASON)) or _is_options(path))


def misplaced(inbox: Path, import_type: str | None) -> dict[Path, str]:
    """Note beside each misplaced file why it is not imported; returns the new ones with their reasons.

    Raises:
        TachiError: So many files are misplaced that the folder is no inbox; nothing is noted.
    """
    if import_type is not None:  # A folder of the caller's own may hold other files, too.
        return {}
    found: dict[Path, str] = {}
    # The folders of what was imported grow for ever, and are not looked into.
    tops = [top for top in inbox.glob("*") if top.name not in ("done", "failed")]
    for path in sorted(path for top in tops for path in (top, *top.rglob("*"))):
        if path.is_file() and _is_complete(path):
            reason = _wrong_place(path.relative_to(inbox).parts[:-1])
            if reason and not _note_of(path).exists():
                found[path] = reason
        if len(found) > MOST_MISPLACED:
            raise td.TachiError(
                f"{inbox} is no inbox: more than {MOST_MISPLACED} files are in no player's folder. "
                f"Expected {PLACE}. Give the folder of the inbox."
            )
    for path, reason in found.items():
        with _going_on(path):
            _note_of(path).write_text(f"{reason}\n", encoding="utf-8")
    return found


@contextmanager
def _going_on(path: Path) -> Iterator[None]:
    """Log that a file or folder cannot be moved or noted: the others go on."""
    try:
        yield
    except OSError as error:
        log.error("%s cannot be handled: %s", path, error)


def _note_of(path: Path) -> Path:
    """Return where the reason stands why a misplaced file is not imported."""
    return path.with_name(f"{_shortened(path.name)}{REASON}")


def _wrong_place(folders: tuple[str, ...]) -> str | None:
    """Return why a file in these folders is not imported; None where it is in a player's folder.

    >>> _wrong_place(("file", "batch-manual", "7"))
    >>> print(_wrong_place(("file", "batch-manual", "akari")))
    The folder "akari" is no player's number. Expected inbox/<import type>/<player's ID>/<file>. Move the file there.
    """
    if len(folders) == 3 and folders[2].isdecimal():
        return None
    wrong = f'The folder "{folders[2]}" is no player\'s number.' if len(folders) == 3 else None
    return f"{wrong or NOWHERE} Expected {PLACE}. Move the file there."


def _is_player(folder: Path) -> bool:
    return len(folder.name) < 20 and int(folder.name) < MOST_PLAYERS


def set_aside(inbox: Path, import_type: str | None) -> int:
    """Move folders that are named by no possible player into ``failed/``, with the reason; returns how many."""
    folders = list(inbox.glob("*/*/*" if import_type is None else "*"))
    wrong = [f for f in folders if f.name.isdecimal() and f.is_dir() and not _is_player(f)]
    for folder in wrong:
        with _going_on(folder):
            _set_aside(inbox, folder)
    return sum(not folder.exists() for folder in wrong)


def _set_aside(inbox: Path, folder: Path) -> None:
    target = inbox / "failed" / folder.relative_to(inbox)
    target.parent.mkdir(parents=True, exist_ok=True)
    while target.exists():
        target = target.with_name(f"{target.name}-again")
    folder.rename(target)
    reason = "The folder is named by a number that no player can have.\n"
    target.with_name(f"{target.name}{REASON}").write_text(reason, encoding="utf-8")


def _shortened(name: str) -> str:
    """Return a file name with its ending, cut where it is too long for the names that are made of it.

    >>> _shortened("scores.json"), len(_shortened("x" * 240 + ".json").encode())
    ('scores.json', 200)
    """
    whole = name.encode()
    if len(whole) <= LONGEST_NAME:
        return name
    ending = Path(name).suffix.encode()[:20]
    return (whole[: LONGEST_NAME - len(ending)] + ending).decode(errors="ignore")


def player(path: Path) -> int:
    """Return the player of a file."""
    return int(path.parent.name)


def job(
    inbox: Path, path: Path, import_type: str | None, options: Mapping[str, Any]
) -> td.ImportJob:
    """Return the import of a file; of the type that its folders name, if not of this one."""
    kind = import_type or path.parent.parent.relative_to(inbox).as_posix()
    own = options_of(inbox, path)
    return td.ImportJob(kind, path, player(path), options={**options, **own, "filename": path.name})


def options_of(inbox: Path, path: Path) -> dict[str, Any]:
    """Return the options of a file: those of its folders, and those of ``<file>.options.json`` beside it.

    Raises:
        TachiError: A file of options cannot be read, or is no JSON object; the message names it.
    """
    folders = [f for f in reversed(path.parents) if f == inbox or f.is_relative_to(inbox)]
    sources = [folder / OPTIONS for folder in folders] + _options_beside(path)
    options: dict[str, Any] = {}
    for source in filter(Path.is_file, sources):
        try:
            found = orjson.loads(source.read_bytes())
        except OSError as error:
            raise td.TachiError(f"{source} cannot be read: {error.strerror}.") from None
        except orjson.JSONDecodeError as error:
            raise td.TachiError(f"{source} is not valid JSON: {error}.") from None
        if not isinstance(found, dict):
            raise td.TachiError(
                f'{source} holds no options. Expected such as {{"playtype": "SP"}}.'
            )
        options |= found
    return options


def _options_beside(path: Path) -> list[Path]:
    """Return the options beside a file, if there are any; a very long name has none."""
    name = f"{path.name}.{OPTIONS}"
    beside = path.with_name(name)
    return [beside] if len(name.encode()) <= 255 and beside.is_file() else []


def _is_options(path: Path) -> bool:
    return path.name == OPTIONS or path.name.endswith(f".{OPTIONS}")


def without_wrong_options(inbox: Path, paths: list[Path]) -> tuple[list[Path], dict[Path, str]]:
    """Move files whose options cannot be read into ``failed/``; returns the others, and the reasons of these."""
    good, wrong = [], {}
    for path in paths:
        try:
            options_of(inbox, path)
        except td.TachiError as error:
            wrong[path] = str(error)
            with _going_on(path):
                _put(inbox, path, "failed", uuid4().hex, REASON, str(error).encode())
        else:
            good.append(path)
    return good, wrong


def chunks(paths: list[Path], size: int) -> Iterator[list[Path]]:
    """Return groups of about so many files; files of one player stay together, as their order counts."""
    chunk: list[Path] = []
    for _, mine in groupby(paths, player):
        chunk += mine
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def settle(inbox: Path, paths: list[Path], outcomes: list[td.ImportOutcome]) -> Counter[str]:
    """Move the files to where their outcome belongs; returns how many datapoints ended how.

    A file that cannot be moved stays, and the others are moved.
    """
    total: Counter[str] = Counter()
    for path, outcome in zip(paths, outcomes, strict=True):
        fatal = outcome.fatal
        if fatal is not None and fatal.status_code == BUSY:
            total["files that wait"] += 1
            continue
        try:
            _move(inbox, path, outcome)
        except OSError as error:
            log.error("%s cannot be moved: %s", path, error)
            total["files that cannot be moved"] += 1
        if fatal is None:
            total.update(outcome.datapoints["outcome"].to_list())
        else:
            total["refused files"] += 1
    return total


def _move(inbox: Path, path: Path, outcome: td.ImportOutcome) -> None:
    """Move a file to ``done/`` or ``failed/``, with what became of it."""
    if outcome.fatal is None:
        answer = orjson.dumps(outcome.answer)
        _put(inbox, path, "done", outcome.import_id, ".document.json", answer)
    else:
        reason = outcome.fatal.message.encode()
        _put(inbox, path, "failed", outcome.import_id, REASON, reason)


def _put(inbox: Path, path: Path, place: str, key: str, ending: str, note: bytes) -> None:
    """Move a file, and the options beside it, to the same folders below a place; a note is put beside them."""
    target = inbox / place / path.parent.relative_to(inbox)
    target.mkdir(parents=True, exist_ok=True)
    moved = target / f"{key[:12]}-{_shortened(path.name)}"
    moved.with_name(f"{moved.name}{ending}").write_bytes(note)
    path.rename(moved)
    for options in _options_beside(path):
        options.rename(moved.with_name(f"{moved.name}.{OPTIONS}"))
