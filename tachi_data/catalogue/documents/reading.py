"""Read the files of a catalogue: lists of JSON documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import orjson

from tachi_data import games
from tachi_data.errors import CatalogueError

Document = dict[str, Any]
SHARED_COLLECTIONS = ("folders", "goals", "quests", "questlines")
# Courses, by game, have a file name of their own.
COURSES = "{}-course-lookup.json"
# Their charts come from what players submit, so that a catalogue may well have none.
GROWN_GAMES = frozenset({"bms", "pms"})
_BOM = b"\xef\xbb\xbf"


def read_folder(folder: Path, asked: Iterable[str] | None) -> dict[str, list[Document]]:
    """The documents of a catalogue by collection, such as ``songs-iidx`` or ``goals``.

    Args:
        folder: Where the files are.
        asked: The games to read; None takes all that we know.

    Raises:
        CatalogueError: Files are missing, or are no lists of JSON objects.
    """
    if not folder.is_dir():
        raise CatalogueError(f"There is no folder {folder}.")
    if not any(folder.glob("songs-*.json")):
        raise CatalogueError(f"{folder} holds no catalogue: there are no files songs-*.json.")
    wanted = games.names() if asked is None else tuple(dict.fromkeys(asked))
    present = [game for game in wanted if _has_game(folder, game, asked is not None)]
    names = [f"{kind}-{game}" for game in present for kind in ("songs", "charts")]
    collections = {name: read_documents(folder / f"{name}.json") for name in names}
    for game in wanted:
        if (folder / COURSES.format(game)).exists():
            collections[f"courses-{game}"] = read_documents(folder / COURSES.format(game))
    for name in SHARED_COLLECTIONS:
        if (folder / f"{name}.json").exists():
            documents = read_documents(folder / f"{name}.json")
            collections[name] = [d for d in documents if _is_about(d, wanted)]
    return collections


def read_documents(path: Path) -> list[Document]:
    """The documents of one file; elements that are no objects are left for a later check."""
    try:
        content = path.read_bytes().removeprefix(_BOM)
    except OSError as error:
        raise CatalogueError(f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        documents = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CatalogueError(f"{path.name} {_what_is_wrong(content, error)}.") from None
    if not isinstance(documents, list):
        raise CatalogueError(f"{path.name} must be a list of documents, but is no list.")
    return documents


def _what_is_wrong(content: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as undecodable:
        line = content.count(b"\n", 0, undecodable.start) + 1
        return f"is not UTF-8: line {line} has a byte that cannot be"
    return f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"


def _has_game(folder: Path, game: str, must: bool) -> bool:
    """Whether the files of a game are there."""
    if game not in games.names():
        known = ", ".join(games.names())
        raise CatalogueError(f"There is no game {game!r}; there are: {known}.")
    missing = [
        n for n in (f"songs-{game}", f"charts-{game}") if not (folder / f"{n}.json").exists()
    ]
    if len(missing) == 1 or (missing and must and game not in GROWN_GAMES):
        raise CatalogueError(f"{folder} has no {missing[0]}.json.")
    return not missing


def _is_about(document: object, wanted: Collection[str]) -> bool:
    """Whether a document is about one of these games; one without a game fails a later check."""
    game = document.get("game") if isinstance(document, dict) else None
    return not isinstance(game, str) or game in wanted
