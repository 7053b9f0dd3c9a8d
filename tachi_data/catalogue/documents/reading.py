"""Files of a catalogue become lists of JSON documents, and tell which form they are of: v2 or v3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tachi_data import games
from tachi_data.catalogue.documents.v3_games import gpt_of, group_of
from tachi_data.errors import CatalogueError

SHARED_COLLECTIONS = ("folders", "goals", "quests", "questlines")
# Courses, by game, have a file name of their own.
COURSES = "-course-lookup"
_BOM = b"\xef\xbb\xbf"
# Members that only documents of one form have.
_MARKS = {
    2: frozenset({"chartID", "folderID", "playtype"}),
    3: frozenset({"legacyChartID", "legacySongID", "legacyFolderID", "where"}),
}


@dataclass(frozen=True)
class Seeds:
    """What the files of a catalogue hold.

    Attributes:
        files: Documents by the name of their file, without ``.json``; elements may be no objects.
        generation: The form of the documents, 2 or 3; None if there is none that tells.
        games: The games that have files of songs or charts.
    """

    files: Mapping[str, list[Any]]
    generation: int | None
    games: frozenset[str]


def read_folder(folder: Path, asked: Iterable[str] | None) -> Seeds:
    """Read the files of a catalogue.

    Args:
        folder: Where the files are.
        asked: The games to read, by their names of either form; None takes all that are there.

    Raises:
        CatalogueError: Files are missing, or are no lists of JSON documents, or of both forms.
    """
    if not folder.is_dir():
        raise CatalogueError(f"There is no folder {folder}.")
    names = sorted(file.stem for file in folder.glob("*.json"))
    if not any(name.startswith("songs-") for name in names):
        raise CatalogueError(f"{folder} holds no catalogue: there are no files songs-*.json.")
    groups = [name.removeprefix("songs-") for name in names if name.startswith("songs-")]
    wanted = None if asked is None else {group_of(game, groups) for game in asked}
    _check_asked(wanted or (), groups)
    chosen = [n for n in names if _is_wanted(n, wanted, groups)]
    files = {name: read_documents(folder / f"{name}.json") for name in _ordered(chosen)}
    generation = generation_of(files)
    present = frozenset(group for _, group in _of_games(files, groups))
    if generation != 3:
        _check_pairs(folder, files, present)
    for game in sorted({*(wanted or ())} - present):
        if not _grows(game):
            raise CatalogueError(f"{folder} has no songs-{game}.json.")
    return Seeds(
        {
            name: [d for d in documents if _is_about(d, wanted, groups)]
            for name, documents in files.items()
            if generation == 3 or _is_asked_for(name, wanted)
        },
        generation,
        present,
    )


def _grows(game: str) -> bool:
    """Whether players bring in the game's charts, so that a catalogue may well have none."""
    return game in games.names() and any(gpt.grows for gpt in games.gpts(game))


def _check_asked(wanted: Iterable[str], groups: Sequence[str]) -> None:
    for game in sorted(wanted):
        if game not in games.names() and game not in groups:
            known = ", ".join(games.names())
            raise CatalogueError(f"There is no game {game!r:.200}; there are: {known}.")


def _is_wanted(name: str, wanted: set[str] | None, groups: Sequence[str]) -> bool:
    """Whether a file is part of a catalogue, and can be about one of the wanted games."""
    if name in SHARED_COLLECTIONS or name.endswith(COURSES):
        return True
    kind, _, game = name.partition("-")
    is_known = kind in ("songs", "charts") and bool(game)
    return is_known and (wanted is None or group_of(game, groups) in wanted)


def _is_asked_for(name: str, wanted: set[str] | None) -> bool:
    """Whether a file of v2 has no courses, or those of a wanted game."""
    is_file_of_courses = name.endswith(COURSES)
    return wanted is None or not is_file_of_courses or name.removesuffix(COURSES) in wanted


def _ordered(names: Iterable[str]) -> list[str]:
    """Songs come before charts, and both before what is about them."""
    kinds = ("songs-", "charts-")
    return sorted(names, key=lambda name: [not name.startswith(kind) for kind in kinds] + [name])


def _of_games(names: Iterable[str], groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The files of songs and charts, each with its game."""
    for name in names:
        kind, _, game = name.partition("-")
        if kind in ("songs", "charts") and not name.endswith(COURSES):
            yield name, group_of(game, groups)


def _check_pairs(folder: Path, files: Mapping[str, Any], present: Iterable[str]) -> None:
    """In v2 each game has both files."""
    for game in sorted(present):
        for name in (f"songs-{game}", f"charts-{game}"):
            if name not in files:
                raise CatalogueError(f"{folder} has no {name}.json.")


def generation_of(files: Mapping[str, Sequence[Any]]) -> int | None:
    """The form of some documents, 2 or 3; None if none of them tells.

    Args:
        files: The documents by the name of their file.

    Raises:
        CatalogueError: There are documents of both forms.
    """
    members = {name: _members(documents) for name, documents in files.items()}
    found = {
        generation: next((n for n, stated in members.items() if marks & stated), None)
        for generation, marks in _MARKS.items()
    }
    songs = next((n for n, documents in files.items() if _has_v2_songs(n, documents)), None)
    v2, v3 = found[2] or songs, found[3]
    if v2 is not None and v3 is not None:
        raise CatalogueError(
            f"The two forms of a catalogue cannot be loaded together: {v3}.json has documents of v3 (of"
            f" 2026), {v2}.json has documents of v2. Keep each form in a folder of its own."
        )
    if v2 is None and v3 is None:
        return 3 if any(_names_v3_games(n, documents) for n, documents in files.items()) else None
    return 2 if v3 is None else 3


def _members(documents: Sequence[Any]) -> set[str]:
    return set[str]().union(*(document for document in documents if isinstance(document, dict)))


def _has_v2_songs(name: str, documents: Sequence[Any]) -> bool:
    """Whether there are songs that are known by a number."""
    return name.startswith("songs-") and any(
        isinstance(d, dict) and type(d.get("id")) is int and "legacySongID" not in d
        for d in documents
    )


def _names_v3_games(name: str, documents: Sequence[Any]) -> bool:
    """Whether documents that have no marks name a v3 game, as goals do."""
    of_games = name in SHARED_COLLECTIONS or name.endswith(COURSES)
    return of_games and any(
        isinstance(d, dict) and isinstance(d.get("game"), str) and d["game"] in games.v3_games()
        for d in documents
    )


def read_documents(path: Path) -> list[Any]:
    """Read the documents of one file; elements that are no objects are left for a later check.

    Args:
        path: The file, with or without a byte order mark.

    Raises:
        CatalogueError: The file cannot be read, or is no list in JSON.
    """
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


def _is_about(document: object, wanted: set[str] | None, groups: Sequence[str]) -> bool:
    """Whether a document is about one of these games; one without a game fails a later check."""
    game = document.get("game") if isinstance(document, dict) else None
    if wanted is None or not isinstance(game, str):
        return True
    return (game if game in games.names() else gpt_of(game, groups)[0]) in wanted
