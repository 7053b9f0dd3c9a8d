"""Find the song and chart of each look-up: two joins against the catalogue's key tables.

A look-up names a song (by ``song_kind`` and ``song_key``) and then one of its charts, or a chart
directly (``chart_kind`` and ``chart_key``). The kinds are those of the catalogue's tables
``song_keys`` and ``chart_keys``; all comparisons are equality.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.frames import collected
from tachi_data.store import query, statements

sql = statements("tachi_data.matching")

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
# What is stored of a look-up with an orphan.
LOOK_UP = [name for name in KEYS if name not in ("primary_only", "official_only")]
SONG_KEYS = ("song_kind", "song_key", "song_exact", "artist")
CHART_KEYS = tuple(name for name in KEYS if name not in SONG_KEYS)
NO_SONGS = pl.DataFrame(
    schema={
        "song_look_up": pl.UInt32,
        "song_hits": pl.Int64,
        "song_id": pl.Int64,
        "song_is_empty": pl.Boolean,
    }
)


def match(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Tie each look-up to a song and a chart of one game.

    ``look_ups`` has ``row`` and the columns of `KEYS`. The result has, for every row,
    ``song_hits`` (how many songs fit; null for a look-up that names no song), ``song_id``,
    ``song_is_empty`` (the song was found by its DDR hash, and has no chart at all) and ``chart_id``
    (null where there is none).
    """
    names_song = pl.col("song_kind").is_not_null()
    numbered = look_ups.lazy().with_row_index("at")
    wanted = numbered.with_columns(song_look_up=pl.when(names_song).then(_first_alike(SONG_KEYS)))
    songs = collected(
        wanted.filter(pl.col("at") == pl.col("song_look_up")).select("song_look_up", *SONG_KEYS)
    )
    found = _songs(songs, game, con) if songs.height else NO_SONGS
    named = collected(
        wanted.join(found.lazy(), on="song_look_up", how="left", maintain_order="left")
        .with_columns(
            song_hits=pl.when(names_song).then(pl.col("song_hits").fill_null(0)),
            chart_key=pl.when(names_song)
            .then(pl.col("song_id").cast(pl.String))
            .otherwise(pl.col("chart_key")),
        )
        .with_columns(chart_look_up=_first_alike(CHART_KEYS))
    )
    charts = collected(
        named.lazy()
        .filter(pl.col("at") == pl.col("chart_look_up"))
        .drop_nulls("chart_key")
        .select("chart_look_up", *CHART_KEYS)
    )
    # Of several charts the first in the catalogue's order of preference.
    found = (
        _run("charts", charts, game, con).sort("preference").unique("chart_look_up", keep="first")
    )
    return collected(
        named.lazy()
        .join(found.lazy(), on="chart_look_up", how="left", maintain_order="left")
        .select("row", "song_hits", "song_id", "song_is_empty", "chart_id")
    )


def _first_alike(keys: Sequence[str]) -> pl.Expr:
    """The place of the first look-up with the same keys: each is looked up once."""
    return pl.col("at").first().over(keys)


def _songs(songs: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """How many songs fit each look-up, and the one that is meant."""
    hits = pl.len().over("song_look_up").cast(pl.Int64)
    found = _run("songs", songs, game, con).with_columns(song_hits=hits)
    several = found.filter(pl.col("song_hits") > 1)
    if several.height:
        found = pl.concat(
            [found.filter(pl.col("song_hits") == 1), _told_apart(several, songs, game, con)]
        )
    if (songs["song_kind"] != "ddr_song_hash").all():
        return found.with_columns(song_is_empty=pl.lit(None, dtype=pl.Boolean))
    return found.join(_empty(found, songs, game, con), on="song_look_up", how="left")


def _told_apart(
    several: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """One row per look-up that several songs fit: of those exactly one may be spelled exactly so."""
    wanted = several.join(songs, on="song_look_up")
    spelled = _run("spelled", wanted, game, con).unique("song_look_up", keep="none")
    meant = pl.col("song_id_spelled")
    return (
        several.unique("song_look_up")
        .join(spelled, on="song_look_up", how="left", suffix="_spelled")
        .select(
            "song_look_up",
            song_id=meant,
            song_hits=pl.when(meant.is_not_null()).then(1).otherwise("song_hits"),
        )
    )


def _empty(
    found: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Look-ups whose song has no charts, of the one kind that tells it from a missing chart."""
    by_hash = songs.filter(pl.col("song_kind") == "ddr_song_hash")
    wanted = found.join(by_hash, on="song_look_up", how="semi").drop_nulls("song_id")
    return _run("empty_songs", wanted, game, con).with_columns(song_is_empty=pl.lit(True))


def with_fits(text: str) -> str:
    """A query whose ``{fits}`` is whether the chart ``found`` is what the look-up ``wanted`` names."""
    return text.replace("{fits}", sql("fits"))


def _run(name: str, wanted: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """The rows of a query of this package over the look-ups ``wanted``."""
    return query(con, with_fits(sql(name)), {"game": game}, wanted=wanted)
