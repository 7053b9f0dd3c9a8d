"""Find the song and chart of each look-up: two joins against the catalogue's key tables.

A look-up names a song (by ``song_kind`` and ``song_key``) and then one of its charts, or a chart
directly (``chart_kind`` and ``chart_key``). The kinds are those of the catalogue's tables
``song_keys`` and ``chart_keys``; all comparisons are equality.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store import load_sql

KEYS: dict[str, pl.DataType] = {
    "song_kind": pl.String(),
    "song_key": pl.String(),
    "song_exact": pl.String(),
    "artist": pl.String(),
    "chart_kind": pl.String(),
    "chart_key": pl.String(),
    "playtype": pl.String(),
    "difficulty": pl.String(),
    "version": pl.String(),
    "primary_only": pl.Boolean(),
    "official_only": pl.Boolean(),
}


def match(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Tie each look-up to a song and a chart of one game.

    ``look_ups`` has ``row`` and the columns of `KEYS` (see `keys`). The result has, for every row,
    ``song_hits`` (how many songs fit; null for a look-up that names no song), ``song_id``,
    ``song_is_empty`` (the song was found by its DDR hash, and has no chart at all) and ``chart_id``
    (null where there is none).
    """
    distinct = look_ups.select(*KEYS).unique(maintain_order=True).with_row_index("look_up")
    wanted = distinct.with_columns(game=pl.lit(game))
    found = _songs(wanted, game, con) if wanted["song_kind"].count() else _no_songs()
    wanted = wanted.join(found, on="look_up", how="left", maintain_order="left").with_columns(
        song_hits=pl.when(pl.col("song_kind").is_not_null()).then(pl.col("song_hits").fill_null(0)),
        chart_key=pl.when(pl.col("song_kind").is_null())
        .then(pl.col("chart_key"))
        .otherwise(pl.col("song_id").cast(pl.String)),
    )
    charts = _charts(wanted, con)
    answers = wanted.join(charts, on="look_up", how="left", maintain_order="left", validate="1:1")
    return (
        look_ups.join(distinct, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left")
        .select("row", "look_up")
        .join(
            answers.select("look_up", "song_hits", "song_id", "song_is_empty", "chart_id"),
            on="look_up",
            how="left",
            maintain_order="left",
        )
        .drop("look_up")
    )


def _songs(wanted: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    con.register("wanted", wanted)
    found = con.sql(load_sql(__name__, "songs"), params={"game": game}).pl()
    con.unregister("wanted")
    return found.with_columns(pl.col("look_up").cast(pl.UInt32))


def _no_songs() -> pl.DataFrame:
    types = {"song_hits": pl.Int64, "song_id": pl.Int64, "song_is_empty": pl.Boolean}
    return pl.DataFrame(schema={"look_up": pl.UInt32, **types})


def with_fits(query: str) -> str:
    """A query whose ``{fits}`` is whether the chart ``found`` is what the look-up ``wanted`` names."""
    return query.format(fits=load_sql(__name__, "fits"))


def _charts(wanted: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    con.register("wanted", wanted)
    found = con.sql(with_fits(load_sql(__name__, "charts"))).pl()
    con.unregister("wanted")
    return found.with_columns(pl.col("look_up").cast(pl.UInt32))
