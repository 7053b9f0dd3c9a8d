"""Load a catalogue, or patch some documents of it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games as known_games
from tachi_data.catalogue.documents import checking as _checking
from tachi_data.catalogue.documents.diff import CatalogueDiff
from tachi_data.catalogue.documents.reading import SHARED_COLLECTIONS, read_folder
from tachi_data.catalogue.documents.v2 import rows_of
from tachi_data.catalogue.documents.storing import store_rows
from tachi_data.catalogue.folders.members import update_folder_charts
from tachi_data.catalogue.keys.ties import tie_warnings
from tachi_data.catalogue.keys.updating import update_chart_keys, update_song_keys
from tachi_data.clock import unix_ms
from tachi_data.errors import CatalogueError
from tachi_data.store import Store, insert, statements
from tachi_data.tables.catalogue import COLLECTIONS

sql = statements("tachi_data.catalogue")


@dataclass(frozen=True, eq=False)
class Update:
    """Checked rows for the tables of the catalogue.

    ``replaced`` names, by table, the games of which everything else from files goes.
    """

    source: str
    rows: Mapping[str, pl.DataFrame]
    replaced: Mapping[str, frozenset[str]] = field(default_factory=dict)


def load_catalogue(
    store: Store, folder: str | Path, games: Iterable[str] | None = None, *, now: int | None = None
) -> CatalogueDiff:
    """Replace the catalogue of some games by the files of a folder.

    What came from files before and is in them no more is removed; what was patched in, or made from
    what players submitted, stays. Nothing is stored if anything is wrong.

    Args:
        store: Where the catalogue is kept.
        folder: With ``songs-<game>.json`` and ``charts-<game>.json``, and perhaps ``folders.json``,
            ``goals.json``, ``quests.json``, ``questlines.json`` and ``<game>-course-lookup.json``.
        games: Which games; None takes all that are there.
        now: The time, in milliseconds.

    Raises:
        CatalogueError: A file is missing, or a document is not what it should be.
    """
    return load_from(store, Path(folder), games, now=now, source=str(folder))


def load_from(
    store: Store, folder: Path, games: Iterable[str] | None, *, now: int | None, source: str
) -> CatalogueDiff:
    """Do as `load_catalogue` does; ``source`` is what is recorded about where it is from."""
    update = update_of(folder, games, source=source)
    with store.write() as con:
        return apply(con, update, now=now)


def update_of(
    folder: Path, games: Iterable[str] | None = None, *, source: str | None = None
) -> Update:
    """The update that replaces the catalogue of some games by the files of a folder."""
    if isinstance(games, str):
        games = [games]
    return _checked(read_folder(folder, games), str(folder) if source is None else source)


def patch_catalogue(
    store: Store, documents: Mapping[str, Sequence[Any]], *, now: int | None = None
) -> CatalogueDiff:
    """Add documents, or replace those with the same ID.

    Charts without a song are accepted here.

    Args:
        store: Where the catalogue is kept.
        documents: By collection: ``songs-iidx``, ``charts-iidx``, ``folders``, ``goals``, …
        now: The time, in milliseconds.

    Raises:
        CatalogueError: A document is not what it should be.
    """
    update = patch_of(documents, origin="patch")
    with store.write() as con:
        return apply(con, update, now=now)


def patch_of(documents: Mapping[str, Sequence[Any]], *, origin: str) -> Update:
    """The update that adds or replaces documents; of several with one ID the last one counts."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for collection, given in documents.items():
        name, game = _split(collection)
        rows = rows_of(name, given, game, origin)
        if game is not None:
            _check(name, rows, game)
        key = ["game", COLLECTIONS[name].id_column]
        parts.setdefault(name, []).append(rows.unique(key, keep="last", maintain_order=True))
    return Update(origin, {name: pl.concat(rows) for name, rows in parts.items()})


def _check(name: str, rows: pl.DataFrame, game: str) -> None:
    """What holds for each document of a game's collection."""
    if name == "courses":
        _checking.check_courses(rows, game)
    if name == "charts":
        _checking.check_playtypes(rows, game)


def _split(collection: str) -> tuple[str, str | None]:
    """Table and game of a collection such as ``songs-iidx`` or ``goals``."""
    name, _, game = collection.partition("-")
    if name in SHARED_COLLECTIONS and not game:
        return name, None
    if name in ("songs", "charts", "courses") and game in known_games.names():
        return name, game
    raise CatalogueError(f"The catalogue has no collection {collection!r}.")


def _checked(documents: Mapping[str, list[Any]], source: str) -> Update:
    """The update that replaces the games of these files."""
    parts: dict[str, list[pl.DataFrame]] = {}
    replaced: dict[str, set[str]] = {}
    loaded = {game for _, game in map(_split, documents) if game is not None}
    for collection, given in documents.items():
        name, game = _split(collection)
        rows = rows_of(name, given, game, "seeds")
        _checking.check_unique(name, rows, collection)
        if game is not None:
            _check(name, rows, game)
        if name == "charts" and game is not None:
            _checking.check_charts(rows, parts["songs"][-1], game)
        mine = loaded | set(rows["game"]) if game is None else {game}
        replaced[name] = replaced.get(name, set()) | mine
        parts.setdefault(name, []).append(rows)
    return Update(
        source,
        {name: pl.concat(rows) for name, rows in parts.items()},
        {name: frozenset(names) for name, names in replaced.items()},
    )


def apply(con: DuckDBPyConnection, update: Update, *, now: int | None) -> CatalogueDiff:
    """Store an update and all that follows from it; ``con`` is in a transaction that writes."""
    changes = {
        name: store_rows(con, collection, rows, update.replaced.get(name, frozenset()))
        if (rows := update.rows.get(name)) is not None
        else _no_changes(name)
        for name, collection in COLLECTIONS.items()
    }
    songs, charts = changes["songs"], changes["charts"]
    others = [
        changes[name].select("game", pl.col("id"), "change", collection=pl.lit(name))
        for name in (*SHARED_COLLECTIONS, "courses")
    ]
    touched = pl.concat([c["game"] for c in changes.values()]).unique().sort().to_list()
    version = catalogue_version(con)
    if not touched:
        return CatalogueDiff(version, (), songs, charts, pl.concat(others))
    keys = [update_song_keys(con, songs), update_chart_keys(con, charts, _fresh(update, charts))]
    update_folder_charts(con, changes["folders"], songs, charts)
    diff = CatalogueDiff(
        version + 1,
        tuple(touched),
        songs,
        charts,
        pl.concat(others),
        tuple(tie_warnings(con, charts["game"].unique().to_list())) if update.replaced else (),
    )
    _record(con, diff, pl.concat(keys).unique(maintain_order=True), update.source, now)
    return diff


def _no_changes(name: str) -> pl.DataFrame:
    collection = COLLECTIONS[name]
    identifier = collection.table.columns[collection.id_column]
    return pl.DataFrame(schema={"game": pl.String(), "id": identifier, "change": pl.String()})


def _fresh(update: Update, changes: pl.DataFrame) -> pl.DataFrame:
    """The charts of the update that were added or changed."""
    if "charts" not in update.rows:
        return pl.DataFrame(schema=COLLECTIONS["charts"].table.columns)
    changed = changes.rename({"id": "chart_id"})
    return update.rows["charts"].join(
        changed, on=["game", "chart_id"], how="semi", maintain_order="left"
    )


def _record(
    con: DuckDBPyConnection, diff: CatalogueDiff, keys: pl.DataFrame, source: str, now: int | None
) -> None:
    """Remember the version: when, from where, how much, and which keys."""
    loaded_at = unix_ms() if now is None else now
    version = pl.DataFrame(
        {
            "version": [diff.version],
            "loaded_at": pl.Series([loaded_at]).cast(pl.Datetime("ms")),
            "source": [source],
            "games": [list(diff.games)],
            **{name: [count] for name, count in diff.counts.items()},
        }
    )
    insert(con, "catalogue_versions", version)
    rows = keys.with_columns(version=pl.lit(diff.version, dtype=pl.Int64))
    insert(con, "catalogue_changes", rows)


def catalogue_version(con: DuckDBPyConnection) -> int:
    """The version of the catalogue, which every change of it raises by one; 0 before the first."""
    return int(con.execute(sql("current_version")).fetchall()[0][0])


def status(store: Store) -> pl.DataFrame:
    """``game, songs, charts, version, loaded_at`` of each game that has any."""
    return store.query(sql("status"))
