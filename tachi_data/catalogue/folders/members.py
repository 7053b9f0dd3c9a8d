"""Keep ``folder_charts``, which charts are in which folder, in line with folders and charts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

import orjson
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.catalogue.folders.facts import Facts
from tachi_data.catalogue.folders.predicates import Every, parse
from tachi_data.catalogue.folders.queries import condition, conditions_of
from tachi_data.catalogue.folders.truth import truth
from tachi_data.errors import CatalogueError
from tachi_data.store import execute, insert, query, statements
from tachi_data.tables.catalogue import FOLDER_CHARTS

sql = statements("tachi_data.catalogue")

# Makes an expression over the facts that it asks for.
Express = Callable[[Facts], pl.Expr]


def update_folder_charts(
    con: DuckDBPyConnection, folders: pl.DataFrame, songs: pl.DataFrame, charts: pl.DataFrame
) -> None:
    """Fill folders again: changed ones with all charts, the others with the touched charts.

    Args:
        con: Where the changes are stored already.
        folders: Changes of folders, ``game, id, change``.
        songs: Those of songs.
        charts: Those of charts.
    """
    of_songs = query(con, sql("charts_of_songs"), changed_songs=songs)
    touched = pl.concat([charts.select("game", "id"), of_songs]).unique()
    changed = folders.select("game", "id")
    if touched.is_empty() and changed.is_empty():
        return
    execute(con, sql("delete_folder_charts"), changed_folders=changed, touched=touched)
    names = pl.concat([touched["game"], changed["game"]]).unique(maintain_order=True).to_list()
    stored = query(con, sql("folders_of_games"), {"games": names})
    changed = changed.rename({"id": "folder_id"})
    whole = stored.join(changed, on=["game", "folder_id"], how="semi")
    partial = stored.join(changed, on=["game", "folder_id"], how="anti")
    for game in names:
        mine = pl.col("game") == game
        chosen = touched.filter(mine)
        if chosen.height:
            _fill(con, game, partial.filter(mine), chosen)
        _fill(con, game, whole.filter(mine), None)


def _fill(
    con: DuckDBPyConnection, game: str, folders: pl.DataFrame, touched: pl.DataFrame | None
) -> None:
    """Put charts into these folders of a game: the touched ones, or all."""
    if folders.is_empty():
        return
    gpts = games.gpts(game) if game in games.names() else ()  # Other games are stored, too.
    inferred = {f"data.{m}": b for gpt in gpts for m, b in gpt.inferred.items()}
    facts = Facts(inferred=inferred)
    conditions, requirements = _compile(folders, facts)
    params = {"game": game, "everything": touched is None, **facts.parameters()}
    none = pl.DataFrame(schema={"game": pl.String, "id": pl.String})
    charts = query(con, sql("folder_facts"), params, touched=none if touched is None else touched)
    # One row is a condition that a chart meets. Numbers, as there are millions of pairs.
    met = (
        charts.with_row_index("chart")
        .select("chart", "playtype", *conditions)
        .unpivot(index=["chart", "playtype"], variable_name="condition", value_name="holds")
        .filter("holds")
        .with_columns(pl.col("condition").cast(pl.UInt32))
    )
    members = (
        met.join(requirements, on=["condition", "playtype"])
        .group_by("folder", "chart")
        .agg(count=pl.len(), needed=pl.col("needed").first())
        .filter(pl.col("count") == pl.col("needed"))
        .sort("folder", "chart")
    )
    rows = pl.concat(
        [
            folders.select("folder_id", "game", "playtype")[members["folder"]],
            charts.select("chart_id")[members["chart"]],
        ],
        how="horizontal",
    )
    insert(con, "folder_charts", rows.select(*FOLDER_CHARTS.columns))


def _compile(folders: pl.DataFrame, facts: Facts) -> tuple[list[pl.Expr], pl.DataFrame]:
    """The distinct conditions of some folders, and which folder requires which of them.

    Most folders combine the same few conditions, so that each one is judged once. Folders and
    conditions are numbered from 0; ``needed`` is how many conditions the folder has.
    """
    numbers: dict[Hashable, int] = {}
    conditions: list[pl.Expr] = []
    requirements: list[tuple[int, str, int, int]] = []
    columns = folders.select("folder_id", "playtype", "type", "data")
    for folder, (folder_id, playtype, kind, data) in enumerate(columns.iter_rows()):
        try:
            parts = _parts(kind, orjson.loads(data), playtype)
            for key, express in parts.items():
                number = numbers.setdefault(key, len(numbers))
                if number == len(conditions):
                    conditions.append(express(facts).alias(str(number)))
                requirements.append((folder, playtype, number, len(parts)))
        except CatalogueError as error:
            raise CatalogueError(f"folders, folderID {folder_id!r:.200}: {error}.") from None
    schema = {
        "folder": pl.UInt32,
        "playtype": pl.String,
        "condition": pl.UInt32,
        "needed": pl.UInt32,
    }
    return conditions, pl.DataFrame(requirements, schema=schema, orient="row")


def _parts(kind: str, data: Any, playtype: str) -> dict[Hashable, Express]:
    """The conditions that all have to hold, by a key that equal conditions of folders share."""
    if kind == "where":
        predicate = parse(data["where"])
        parts = predicate.parts if isinstance(predicate, Every) else (predicate,)
        asked = {"versions": {"~in": data["versions"]}} if data["versions"] else {}
        return {part: partial(truth, part) for part in parts} | _queried(asked)
    # A query that asks for nothing has all charts of the playtype.
    return _queried(conditions_of(kind, data) or {"playtype": playtype})


def _queried(asked: Mapping[str, Any]) -> dict[Hashable, Express]:
    return {
        (path, orjson.dumps(value)): partial(condition, path, value)
        for path, value in asked.items()
    }
