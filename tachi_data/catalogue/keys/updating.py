"""Keep ``song_keys`` and ``chart_keys`` in line with songs and charts, and tell which keys changed."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.catalogue.keys.members import marks_of_fans, members_of_charts
from tachi_data.catalogue.keys.songs import keys_of_songs, told_as
from tachi_data.store import execute, insert, query, statements
from tachi_data.tables.catalogue import CHART_KEYS

sql = statements("tachi_data.catalogue")

KEY = ["game", "kind", "key"]


def update_song_keys(
    con: DuckDBPyConnection, changes: pl.DataFrame, identified: Collection[str] = ()
) -> pl.DataFrame:
    """Make the keys of all songs of the games with changed songs.

    Args:
        con: In a transaction that writes.
        changes: The songs that changed: ``game, id``.
        identified: Games whose songs may have got other v3 identifiers, although they did not change.

    Returns:
        ``game, kind, key`` of all keys that find something else than before.
    """
    listed = dict.fromkeys([*changes["game"].to_list(), *identified])
    if not listed:
        return changes.select("game", kind=pl.lit(""), key=pl.lit(""))
    params: dict[str, object] = {"games": list(listed)}
    keys = keys_of_songs(query(con, sql("songs_of_games"), params))
    stored = query(con, sql("stored_song_keys"), params)
    new = keys.join(stored, on=keys.columns, how="anti", maintain_order="left")
    gone = stored.join(keys, on=keys.columns, how="anti")
    if gone.height:
        execute(con, sql("delete_song_keys"), gone=gone)
    insert(con, "song_keys", new)
    touched = keys.join(changes.rename({"id": "song_id"}), on=["game", "song_id"], how="semi")
    # A title that one song less has may be ambiguous no longer.
    freed = gone.join(keys, on=KEY, how="semi")
    changed = pl.concat([touched, new, freed]).filter(pl.col("kind") != "spelling")
    told = changed.with_columns(told_as(pl.col("kind")))
    return told.select(KEY).unique(maintain_order=True)


def update_chart_keys(
    con: DuckDBPyConnection, changes: pl.DataFrame, charts: pl.DataFrame
) -> pl.DataFrame:
    """Make the keys of the changed charts. ``charts`` has all that were added or changed.

    Returns:
        ``game, kind, key`` of all keys of these charts.
    """
    keys = query(
        con,
        sql("keys_of_charts"),
        new_charts=charts,
        members=members_of_charts(),
        marks=marks_of_fans(),
    )
    if changes.is_empty():
        return keys.select(KEY)
    touched = changes.select("game", "id")
    shared = keys.select(KEY).unique()
    neighbours = query(con, sql("neighbours"), new_keys=shared, touched=touched)
    execute(con, sql("delete_chart_keys"), new_keys=shared, touched=touched)
    together = pl.concat([keys, neighbours.select(keys.columns)])
    insert(con, "chart_keys", _with_preference(together))
    return shared.filter(pl.col("kind") != "chart_id")


def _with_preference(keys: pl.DataFrame) -> pl.DataFrame:
    """Number the charts of each key: primary ones first, then the harder ones, then by chart ID."""
    ranked = keys.join(_difficulties(), on=["game", "playtype", "difficulty"], how="left")
    ordered = ranked.sort(
        *KEY,
        "is_primary",
        pl.col("position").fill_null(-1),
        "chart_id",
        descending=[False, False, False, True, True, False],
    )
    preference = pl.int_range(pl.len(), dtype=pl.Int64).over(KEY)
    return ordered.with_columns(preference=preference).select(*CHART_KEYS.columns)


@cache
def _difficulties() -> pl.DataFrame:
    """``game, playtype, difficulty, position``: the declared order, the easiest first."""
    rows = [
        (gpt.game, gpt.playtype, difficulty, position)
        for game in games.names()
        for gpt in games.gpts(game)
        for position, difficulty in enumerate(gpt.difficulties or ())
    ]
    types = dict.fromkeys(("game", "playtype", "difficulty"), pl.String())
    return pl.DataFrame(rows, schema={**types, "position": pl.Int64()}, orient="row")
