"""Which song is meant, where a look-up fits several: its spelling decides, then the chart that is looked for.

Of songs with one key those win that are spelled exactly as the look-up, then those that differ only in case.
Where several are left, the song is meant that alone has a chart of the difficulty, or alone one of the level.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.matching.charts import charts_of
from tachi_data.reference.text import fold
from tachi_data.store import query, statements

sql = statements("tachi_data.matching")

# How many songs a message names.
SHOWN = 5
NO_SONGS = pl.DataFrame(schema={"song_look_up": pl.UInt32, "song_id": pl.Int64})


def songs_of(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Find the songs that fit each look-up; of several, those that are spelled most alike.

    Args:
        look_ups: ``song_look_up`` and the members of a look-up that are about the song.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        One row per look-up and song: ``song_look_up, song_id``.
    """
    if look_ups.is_empty():
        return NO_SONGS
    found = _fitting(look_ups, game, con)
    is_one = found["song_look_up"].is_unique()
    if is_one.all():
        return found
    return pl.concat(
        [found.filter(is_one), _most_alike(found.filter(~is_one), look_ups, game, con)]
    )


def _fitting(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """The songs that fit each look-up: those of the kind of key that it wants first, else those of the other one."""
    firsts = look_ups.drop_nulls("song_first")
    if firsts.is_empty():
        return query(con, sql("songs"), {"game": game}, wanted=look_ups)
    before = firsts.with_columns(song_kind="song_first")
    found = query(con, sql("songs"), {"game": game}, wanted=before)
    rest = look_ups.join(found, on="song_look_up", how="anti", maintain_order="left")
    return pl.concat([found, query(con, sql("songs"), {"game": game}, wanted=rest)])


def _most_alike(
    several: pl.DataFrame, look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The songs of each look-up that are spelled exactly so; else those that differ in case; else all."""
    spellings = query(con, sql("spellings"), {"game": game}, wanted=several)
    exact, written = pl.col("song_exact"), pl.col("spelling")
    likeness = (
        pl.when(written == exact)
        .then(2)
        .when(fold(written) == fold(exact))
        .then(1)
        .otherwise(0)
        .max()
        .over("song_look_up", "song_id")
    )
    rated = (
        several.join(look_ups.select("song_look_up", "song_exact"), on="song_look_up")
        .join(spellings, on="song_id", how="left")
        .with_columns(likeness=likeness)
    )
    best = rated.filter(pl.col("likeness") == pl.col("likeness").max().over("song_look_up"))
    return best.select("song_look_up", "song_id").unique(maintain_order=True)


def told_apart(
    asked: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Find the song that is meant by each look-up that several songs fit.

    Args:
        asked: ``at``, ``song_look_up`` and the members of a look-up that are about the chart.
        songs: ``song_look_up, song_id``, the songs that fit.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        One row per row of ``asked``: ``at``, ``song_id`` (null where nothing tells) and ``song_candidates``
        (the songs in words, then).
    """
    fitting = asked.join(songs, on="song_look_up").with_row_index("chart_look_up")
    pairs = fitting.with_columns(chart_key=pl.col("song_id").cast(pl.String))
    charts = charts_of(pairs, game, con).select("chart_look_up", chart_level="level")
    having = pairs.join(charts, on="chart_look_up")
    level, chart_level = pl.col("level").str.strip_chars(), pl.col("chart_level")
    same_level = (level == chart_level) | (
        level.cast(pl.Float64, strict=False) == chart_level.cast(pl.Float64, strict=False)
    )
    is_alone = pl.len().over("at") == 1
    meant = pl.concat(
        [having.filter(is_alone), having.filter(same_level.fill_null(False)).filter(is_alone)]
    ).unique("at", keep="first")
    open_ones = fitting.join(meant, on="at", how="anti")
    return (
        asked.select("at")
        .join(meant.select("at", "song_id"), on="at", how="left")
        .join(_in_words(open_ones, game, con), on="at", how="left")
    )


def _in_words(fitting: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """The songs that may be meant, as one text per look-up: ``at, song_candidates``."""
    names = query(con, sql("artists"), {"game": game}, wanted=fitting.select("song_id").unique())
    one = pl.format("song {} by {}", "song_id", "artist")
    rest = pl.when(pl.len() > SHOWN).then(pl.lit(", …")).otherwise(pl.lit(""))
    return (
        fitting.join(names, on="song_id")
        .sort("at", "song_id")
        .group_by("at")
        .agg(song_candidates=one.head(SHOWN).str.join(", ") + rest.first())
    )
