"""Find the song and chart of each look-up: two joins against the catalogue's key tables.

A look-up names a song (by ``song_kind`` and ``song_key``; a kind in ``song_first`` is tried before) and then
one of its charts, or a chart directly (``chart_kind`` and ``chart_key``). The kinds are those of the catalogue's tables
``song_keys`` and ``chart_keys``; all comparisons are equality. See `songs` for keys of several songs.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.frames import collected
from tachi_data.matching.charts import charts_of, difficulty_aliases
from tachi_data.matching.songs import songs_of, told_apart
from tachi_data.store import query, statements

__all__ = ["KEYS", "LOOK_UP", "difficulty_aliases", "match"]

sql = statements("tachi_data.matching")

KEYS: dict[str, pl.DataType] = {
    "song_kind": pl.String(),
    "song_key": pl.String(),
    "song_exact": pl.String(),
    "song_first": pl.String(),
    "artist": pl.String(),
    "chart_kind": pl.String(),
    "chart_key": pl.String(),
    "playtype": pl.String(),
    "difficulty": pl.String(),
    "version": pl.String(),
    "level": pl.String(),
    "primary_only": pl.Boolean(),
    "official_only": pl.Boolean(),
    "only_one": pl.Boolean(),
}
# What is stored of a look-up with an orphan.
NOT_STORED = ("song_first", "level", "primary_only", "official_only", "only_one")
LOOK_UP = [name for name in KEYS if name not in NOT_STORED]
SONG_KEYS = ("song_kind", "song_key", "song_exact", "song_first", "artist")
CHART_KEYS = tuple(name for name in KEYS if name not in (*SONG_KEYS, "level"))


def match(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Tie each look-up to a song and a chart of one game.

    Args:
        look_ups: ``row`` and the columns of `KEYS`.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        For every row, in order: ``row``, ``song_hits`` (how many songs fit; null for a look-up that names
        no song), ``song_candidates`` (several in words), ``song_is_empty`` (whether the song has no chart at all,
        of a kind of key for which the game declares that as an error), ``chart_hits`` (how many charts fit as
        well as the one that is found), and that chart as `tachi_data.catalogue.chart_frame` has it; without a
        chart its columns are null, ``chart_id`` among them.
    """
    names_song = pl.col("song_kind").is_not_null()
    numbered = look_ups.lazy().with_row_index("at")
    wanted = numbered.with_columns(song_look_up=pl.when(names_song).then(_first_alike(SONG_KEYS)))
    songs = collected(
        wanted.filter(pl.col("at") == pl.col("song_look_up")).select("song_look_up", *SONG_KEYS)
    )
    named = _with_songs(collected(wanted), songs, game, con)
    chart_key = pl.when(names_song).then(pl.col("song_id").cast(pl.String)).otherwise("chart_key")
    named = named.with_columns(chart_key=chart_key).with_columns(
        chart_look_up=_first_alike(CHART_KEYS)
    )
    charts = (
        named.filter(pl.col("at") == pl.col("chart_look_up"))
        .drop_nulls("chart_key")
        .select("chart_look_up", *CHART_KEYS)
    )
    found = charts_of(charts, game, con)
    about_songs = ("song_hits", "song_candidates", "song_is_empty")
    return (
        named.select("row", "chart_look_up", *about_songs)
        .join(found.drop("level"), on="chart_look_up", how="left", maintain_order="left")
        .drop("chart_look_up")
    )


def _first_alike(keys: Sequence[str]) -> pl.Expr:
    """The place of the first look-up with the same keys, so that equal ones are looked up once."""
    return pl.col("at").first().over(keys)


def _with_songs(
    wanted: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The look-ups with the songs that they mean: see `match`."""
    fitting = songs_of(songs, game, con)
    hits = fitting.group_by("song_look_up", maintain_order=True).agg(
        song_hits=pl.len().cast(pl.Int64),
        song_id=pl.when(pl.len() == 1).then(pl.col("song_id").first()),
    )
    found = hits.join(_empty_songs(hits, songs, game, con), on="song_look_up", how="left")
    named = wanted.join(found, on="song_look_up", how="left", maintain_order="left").with_columns(
        song_hits=pl.when(pl.col("song_kind").is_not_null()).then(pl.col("song_hits").fill_null(0)),
        song_candidates=pl.lit(None, dtype=pl.String),
    )
    several = named.filter(pl.col("song_hits") > 1)
    if several.is_empty():
        return named
    asked = several.select("at", "song_look_up", *CHART_KEYS, "level")
    told = told_apart(asked, fitting, game, con)
    return named.update(
        told.with_columns(song_hits=pl.when(pl.col("song_id").is_not_null()).then(1)), on="at"
    )


def _empty_songs(
    found: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The look-ups of strict kinds whose song has no chart: ``song_look_up, song_is_empty``."""
    strict = songs.filter(pl.col("song_kind").is_in(_strict_kinds(game)))
    if strict.is_empty():
        return pl.DataFrame(schema={"song_look_up": pl.UInt32, "song_is_empty": pl.Boolean})
    wanted = found.join(strict, on="song_look_up", how="semi").drop_nulls("song_id")
    empty = query(con, sql("empty_songs"), {"game": game}, wanted=wanted)
    return empty.with_columns(song_is_empty=pl.lit(True))


def _strict_kinds(game: str) -> list[str]:
    """The kinds of song keys for which a song without charts is an error, not an unknown chart."""
    declared = (item for gpt in games.gpts(game) for item in gpt.song_keys.items())
    return sorted({kind for kind, key in declared if key.needs_charts})
