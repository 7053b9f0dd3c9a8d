"""Load a catalogue, or patch some documents of it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games as known_games
from tachi_data.arguments import folder_path, refuse
from tachi_data.catalogue.derived import goals_by
from tachi_data.catalogue.documents import checking as _checking
from tachi_data.catalogue.documents import v3
from tachi_data.catalogue.documents.applying import Update, apply, catalogue_generation
from tachi_data.catalogue.documents.diff import CatalogueDiff
from tachi_data.catalogue.documents.reading import (
    COURSES,
    SHARED_COLLECTIONS,
    generation_of,
    read_folder,
)
from tachi_data.catalogue.documents.v2 import rows_of
from tachi_data.errors import CatalogueError
from tachi_data.store import Store, expect_store, query, statements
from tachi_data.tables.catalogue import COLLECTIONS

sql = statements("tachi_data.catalogue")


def load_catalogue(
    store: Store, folder: str | Path, games: Iterable[str] | None = None, *, now: int | None = None
) -> CatalogueDiff:
    """Replace the catalogue of some games by the files of a folder, in the form of v2 or of v3.

    What came from files before and is in them no more is removed; what was patched in, or made from
    what players submitted, stays. Nothing is stored if anything is wrong. A catalogue of v3 moves the
    store to v3: charts and songs keep their IDs.

    Args:
        store: Where the catalogue is kept.
        folder: With ``songs-<game>.json`` and ``charts-<game>.json`` (v3: ``charts-iidx-sp.json``), and
            perhaps ``folders.json``, ``goals.json``, ``quests.json``, ``questlines.json`` and
            ``bms-course-lookup.json``.
        games: Which games, such as ``iidx``; None takes all that are there.
        now: The time, in milliseconds.

    Returns:
        What changed, with warnings about what is not known here.

    Raises:
        CatalogueError: A file is missing, a document is not what it should be, the files are of both
            forms, or of v2 where the store has a catalogue of v3.

    Example:
        >>> with td.open_store(folder / "new.duckdb") as new:
        ...     print(td.load_catalogue(new, seeds))
        The catalogue is now at version 1.
          wacca songs: 1 added
          wacca charts: 1 added
          wacca goals: 1 added
    """
    expect_store(store)
    return load_from(store, folder_path("folder", folder), games, now=now, source=str(folder))


def load_from(
    store: Store, folder: Path, games: Iterable[str] | None, *, now: int | None, source: str
) -> CatalogueDiff:
    """Do as `load_catalogue` does; ``source`` is what is recorded about where it is from."""
    update = update_of(folder, games, source=source)
    with store.write() as con:
        return apply(con, update, now=now)


def diff_catalogue(
    store: Store, folder: str | Path, games: Iterable[str] | None = None
) -> CatalogueDiff:
    """Find what `load_catalogue` would change, and change nothing; other writers wait meanwhile.

    Args:
        store: Where the catalogue is kept.
        folder: As `load_catalogue` takes it.
        games: Which games; None takes all that are there.

    Raises:
        CatalogueError: The load would be refused.

    Returns:
        The changes; `CatalogueDiff.is_stored` is false.

    Example:
        >>> bool(td.diff_catalogue(store, seeds))
        False
    """
    expect_store(store)
    update = update_of(folder_path("folder", folder), games)
    with store.write(keep=False) as con:
        return replace(apply(con, update, now=None), is_stored=False)


def update_of(
    folder: Path, games: Iterable[str] | None = None, *, source: str | None = None
) -> Update:
    """The update that replaces the catalogue of some games by the files of a folder.

    Args:
        folder: As `load_catalogue` takes it.
        games: Which games; None takes all that are there.
        source: What is recorded about where it is from; None records the folder.

    Raises:
        CatalogueError: The files are not what they should be.
    """
    seeds = read_folder(folder, [games] if isinstance(games, str) else games)
    if seeds.generation == 3:
        translated = v3.translate(seeds.files, v3.Ids())
        # A game of which v3 has no files of charts has none.
        empty = {
            f"{kind}-{g}": list[Any]() for g in sorted(seeds.games) for kind in ("songs", "charts")
        }
        translated = replace(translated, documents=empty | translated.documents)
    else:
        translated = v3.Translation(_of_v2(seeds.files))
    update = _checked(translated, seeds.generation)
    return replace(update, source=str(folder) if source is None else source)


def patch_catalogue(
    store: Store, documents: Mapping[str, Sequence[Any]], *, now: int | None = None
) -> CatalogueDiff:
    """Add documents, or replace those with the same ID; they are of the form of v2 or of v3.

    Charts without a song are accepted here in the form of v2.

    Args:
        store: Where the catalogue is kept.
        documents: By collection: ``songs-iidx``, ``charts-iidx`` (v3: ``charts-iidx-sp``), ``folders``,
            ``goals``, …
        now: The time, in milliseconds.

    Returns:
        What changed.

    Raises:
        CatalogueError: A document is not what it should be, or there are documents of both forms.

    Example:
        >>> song = {"id": 2, "title": "A new song", "artist": "Nobody", "altTitles": [], "searchTerms": [],
        ...         "data": {"displayVersion": None, "genre": "VARIETY"}}
        >>> td.patch_catalogue(store, {"songs-wacca": [song]}).counts["songs_added"]
        1
    """
    expect_store(store)
    if not isinstance(documents, Mapping):
        raise refuse("documents", 'lists by collection, such as {"songs-iidx": [song]}', documents)
    with store.write() as con:
        return apply(con, patch_of(documents, origin="patch", con=con), now=now)


def patch_of(
    documents: Mapping[str, Sequence[Any]], *, origin: str, con: DuckDBPyConnection | None = None
) -> Update:
    """The update that adds or replaces documents; of several with one ID the last one counts.

    Args:
        documents: As `patch_catalogue` takes them.
        origin: Where they are from: ``patch`` or ``queue``.
        con: Where v3 identifiers that are not among the documents are looked up.

    Raises:
        CatalogueError: A document is not what it should be.
    """
    written = generation_of(documents)
    if written == 3:
        translated = v3.translate(documents, _stored_ids(documents, con))
    else:
        translated = v3.Translation(_of_v2(documents))
        for collection in translated.documents:
            _split(collection, known_games.names())
    parts: dict[str, list[pl.DataFrame]] = {}
    for collection, given in translated.documents.items():
        name, game = _split(collection)
        rows = _rows(translated, collection, given, origin)
        if game is not None:
            _check(name, rows, game)
        if name == "goals" and con is not None:
            rows = goals_by(rows, written, catalogue_generation(con))
        key = ["game", COLLECTIONS[name].id_column]
        parts.setdefault(name, []).append(rows.unique(key, keep="last", maintain_order=True))
    rows_by_name = {name: pl.concat(rows, how="diagonal") for name, rows in parts.items()}
    return Update(origin, rows_by_name, warnings=tuple(translated.warnings))


def _of_v2(files: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Documents of v2 by collection; a file of courses is that of a game."""
    return {
        f"courses-{file.removesuffix(COURSES)}" if file.endswith(COURSES) else file: list(documents)
        for file, documents in files.items()
    }


def _stored_ids(documents: Mapping[str, Sequence[Any]], con: DuckDBPyConnection | None) -> v3.Ids:
    """What the store knows of the v3 identifiers that documents name."""
    if con is None:
        return v3.Ids()
    named = pl.DataFrame({"v3_id": v3.named_ids(documents)}, schema={"v3_id": pl.String})
    found = query(con, sql("legacy_ids"), named=named)
    known = {
        name: dict(found.filter(pl.col("collection") == name).select("v3_id", "id").iter_rows())
        for name in ("songs", "charts", "folders")
    }
    numbers = {v3_id: int(song_id) for v3_id, song_id in known["songs"].items()}
    return v3.Ids(numbers, known["charts"], known["folders"])


def _rows(
    translated: v3.Translation, collection: str, documents: Sequence[Any], origin: str
) -> pl.DataFrame:
    """The rows of a collection's documents, with what v3 adds."""
    name, game = _split(collection)
    rows = rows_of(name, documents, game, origin)
    extras = translated.extras.get(collection)
    return rows if extras is None else rows.hstack(extras)


def _check(name: str, rows: pl.DataFrame, game: str) -> None:
    """What holds for each document of a game's collection."""
    if name == "courses":
        _checking.check_courses(rows, game)
    if name == "charts":
        _checking.check_playtypes(rows, game)


def _split(collection: str, known: Sequence[str] | None = None) -> tuple[str, str | None]:
    """Table and game of a collection such as ``songs-iidx`` or ``goals``; ``known`` limits the games."""
    name, _, game = collection.partition("-")
    if name in SHARED_COLLECTIONS and not game:
        return name, None
    if name in ("songs", "charts", "courses") and game and (known is None or game in known):
        return name, game
    raise CatalogueError(f"The catalogue has no collection {collection!r:.200}.")


def _checked(translated: v3.Translation, generation: int | None) -> Update:
    """The update that replaces the games of these documents."""
    parts: dict[str, list[pl.DataFrame]] = {}
    replaced: dict[str, set[str]] = {}
    warnings = [*translated.warnings]
    songs: dict[str, pl.DataFrame] = {}
    loaded = {game for _, game in map(_split, translated.documents) if game is not None}
    for collection, given in translated.documents.items():
        name, game = _split(collection)
        rows = _rows(translated, collection, given, "seeds")
        _checking.check_unique(name, rows, collection)
        if game is not None:
            _check(name, rows, game)
        if name == "songs" and game is not None:
            songs[game] = rows
        if name == "charts" and game is not None:
            _checking.check_songs_of(rows, songs[game], game)
            warnings.extend(_checking.unknown_words(rows, game))
            # Several primary charts are what a warning about ties is for, as v3 does not exclude them.
            if generation != 3:
                _checking.check_primary(rows, game)
        mine = loaded | set(rows["game"]) if game is None else {game}
        replaced[name] = replaced.get(name, set()) | mine
        parts.setdefault(name, []).append(rows)
    return Update(
        "",
        {name: pl.concat(rows, how="diagonal") for name, rows in parts.items()},
        {name: frozenset(names) for name, names in replaced.items()},
        generation,
        tuple(warnings),
    )


def status(store: Store) -> pl.DataFrame:
    """How much of each game there is.

    Args:
        store: Where the catalogue is kept.

    Returns:
        ``game, songs, charts, version, loaded_at, generation``: a row per game that has songs or charts,
        with the version and time of its last change. The generation, 2 or 3, is that of the store.
    """
    return store.query(sql("status"))
