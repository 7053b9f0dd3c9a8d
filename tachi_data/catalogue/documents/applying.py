"""Store an update of the catalogue and all that follows from it: keys, folders, a new version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue.derived import moved_values, note_rules, renamed_charts
from tachi_data.catalogue.documents.diff import CatalogueDiff
from tachi_data.catalogue.documents.reading import SHARED_COLLECTIONS
from tachi_data.catalogue.documents.storing import store_rows
from tachi_data.catalogue.folders.members import update_folder_charts
from tachi_data.catalogue.keys.ties import tie_warnings
from tachi_data.catalogue.keys.updating import update_chart_keys, update_song_keys
from tachi_data.clock import unix_ms
from tachi_data.errors import CatalogueError
from tachi_data.store import execute, insert, query, statements
from tachi_data.tables.catalogue import COLLECTIONS

sql = statements("tachi_data.catalogue")


@dataclass(frozen=True, eq=False)
class Update:
    """Checked rows for the tables of the catalogue.

    Attributes:
        source: What is recorded about where they are from.
        rows: By table.
        replaced: By table, the games of which everything else from files goes; empty for a patch.
        generation: The form of the seeds that are loaded, 2 or 3; None leaves that of the store.
        warnings: What the files have that is not known here.
    """

    source: str
    rows: Mapping[str, pl.DataFrame]
    replaced: Mapping[str, frozenset[str]] = field(default_factory=dict)
    generation: int | None = None
    warnings: tuple[str, ...] = ()


def apply(con: DuckDBPyConnection, update: Update, *, now: int | None) -> CatalogueDiff:
    """Store an update and all that follows from it.

    Args:
        con: In a transaction that writes.
        update: What to store.
        now: The time, in milliseconds; None takes the clock's.

    Returns:
        What changed. Nothing is stored, and the version stays, if that is nothing.

    Raises:
        CatalogueError: The update cannot be stored over what is there.
    """
    version, before = catalogue_version(con), catalogue_generation(con)
    after = update.generation or before
    is_move = bool(version) and before != after
    subscribed = query(con, sql("subscribed_goals")) if is_move else None
    _check_generation(con, update, before)
    changes = {
        name: store_rows(con, collection, rows, update.replaced.get(name, frozenset()))
        if (rows := update.rows.get(name)) is not None
        else _no_changes(name)
        for name, collection in COLLECTIONS.items()
    }
    found = _diff(version, changes, update)
    diff = replace(found, generation=after, moved_from=before if is_move else None)
    songs, charts = diff.songs, diff.charts
    note_rules(con, before, after)
    if not diff:
        return diff
    if subscribed is not None:
        _carry_over(con, subscribed, update.replaced.get("goals", frozenset()))
    if after == 3:
        params = {"games": list(update.replaced.get("goals", ()))}
        execute(con, sql("delete_forgotten_goals"), params)
    identified = update.replaced.get("songs", ()) if diff.moved_from else ()
    keys = [
        update_song_keys(con, songs, identified),
        update_chart_keys(con, charts, _fresh(update, charts)),
    ]
    update_folder_charts(con, changes["folders"], songs, charts)
    ties = _ties(con, charts) if update.replaced else ()
    told = (*update.warnings, *_left_behind(con, diff, update), *ties)
    diff = replace(diff, version=version + 1, warnings=told)
    _record(con, diff, pl.concat(keys).unique(maintain_order=True), update.source, now)
    return diff


def _diff(version: int, changes: Mapping[str, pl.DataFrame], update: Update) -> CatalogueDiff:
    """The changes of all collections, as of the version before."""
    others = [
        changes[name].select("game", pl.col("id"), "change", collection=pl.lit(name))
        for name in (*SHARED_COLLECTIONS, "courses")
    ]
    games = tuple(pl.concat([c["game"] for c in changes.values()]).unique().sort())
    return CatalogueDiff(
        version, games, changes["songs"], changes["charts"], pl.concat(others), update.warnings
    )


def _carry_over(
    con: DuckDBPyConnection, subscribed: pl.DataFrame, replaced: Collection[str]
) -> None:
    """Let what players have survive a move to v3: goals, which have other IDs there, and orphans.

    A goal that is not from the new files (of the games ``replaced``) means the same lamp afterwards, although lamps
    may have other indexes.
    """
    games = {"games": list(replaced)}
    insert(con, "goals", query(con, sql("lost_goals"), subscribed=subscribed))
    asked = query(con, sql("goals_on_moved_values"), games, moved=moved_values())
    if not asked.is_empty():
        execute(con, sql("move_goal_subs"), asked=asked)
        execute(con, sql("move_goals"), asked=asked)
    execute(con, sql("goals_left_behind"), games)
    execute(con, sql("orphans_of_v2"), renamed=renamed_charts())


def _ties(con: DuckDBPyConnection, charts: pl.DataFrame) -> tuple[str, ...]:
    return tuple(tie_warnings(con, charts["game"].unique().to_list()))


def _left_behind(con: DuckDBPyConnection, diff: CatalogueDiff, update: Update) -> tuple[str, ...]:
    """A warning if the store moves to another form, but charts of some games do not."""
    if diff.moved_from is None:
        return ()
    params = {"games": list(update.replaced.get("charts", ()))}
    names = query(con, sql("games_of_other_seeds"), params)["game"].to_list()
    if not names:
        return ()
    return (
        f"The catalogue of these games is still that of v{diff.moved_from}, until files of"
        f" v{diff.generation} are loaded: {', '.join(names)}.",
    )


def _check_generation(con: DuckDBPyConnection, update: Update, stored: int) -> None:
    """Refuse to go back to v2, and charts of v3 that would leave their game or playtype."""
    if update.generation == 2 and stored == 3:
        raise CatalogueError(
            "This store has a v3 catalogue (of 2026), and the files are of the older form v2, which would"
            " take back what the store knows. Load the files of today's catalogue instead."
        )
    if update.generation != 3 or "charts" not in update.rows:
        return
    charts = update.rows["charts"].select("chart_id", "game", "playtype")
    moved = query(con, sql("moved_charts"), new_charts=charts)
    for row in moved.head(1).to_dicts():
        raise CatalogueError(
            f"The chart {row['chart_id']} is one of {row['game']} {row['playtype']} in the files, but of"
            f" {row['stored_game']} {row['stored_playtype']} in the store; nothing was loaded."
        )


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
            "generation": [diff.generation],
            **{name: [count] for name, count in diff.counts.items()},
        }
    )
    insert(con, "catalogue_versions", version)
    rows = keys.with_columns(version=pl.lit(diff.version, dtype=pl.Int64))
    insert(con, "catalogue_changes", rows)


def catalogue_version(con: DuckDBPyConnection) -> int:
    """The version of the catalogue, which every change of it raises by one; 0 before the first."""
    return int(con.execute(sql("current_version")).fetchall()[0][0])


def catalogue_generation(con: DuckDBPyConnection) -> int:
    """The form of the seeds that the catalogue was loaded from, 2 or 3; 2 before the first load."""
    return int(con.execute(sql("current_generation")).fetchall()[0][0])
