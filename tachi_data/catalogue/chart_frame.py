"""Charts as the expressions of a game see them."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue.documents.members import data_types
from tachi_data.frames import collected
from tachi_data.names import snake
from tachi_data.store import query, statements

sql = statements("tachi_data.catalogue")


def chart_frame(
    con: DuckDBPyConnection, chart_ids: pl.DataFrame | None, gpt_game: str
) -> pl.DataFrame:
    """One row per chart of a game that is wanted and exists.

    Args:
        con: Where the catalogue is.
        chart_ids: With a column ``chart_id``; None wants all charts.
        gpt_game: The game.

    Returns:
        ``chart_id, song_id, is_primary, has_song, playtype``, the columns ``chart.playtype``,
        ``chart.difficulty`` and ``chart.level_num``, and a column ``chart.*`` or ``song.*`` per
        member of ``data`` that the game declares. Without its song, those of the song are null.
    """
    wanted = pl.DataFrame(schema={"chart_id": pl.String}) if chart_ids is None else chart_ids
    params = {"game": gpt_game, "everything": chart_ids is None}
    return described(query(con, sql("charts"), params, wanted_charts=wanted), gpt_game)


def described(charts: pl.DataFrame, game: str, *others: str) -> pl.DataFrame:
    """Return charts as `chart_frame` has them.

    Args:
        charts: ``chart_id, song_id, playtype, difficulty, level_num, is_primary, has_song``, and the JSON texts
            ``chart_data`` and ``song_data``.
        game: The game.
        *others: More columns of ``charts`` that are wanted.

    Returns:
        One row per row of ``charts``, in order.
    """
    columns = charts.lazy().select(
        *others,
        "chart_id",
        "song_id",
        "is_primary",
        "has_song",
        "playtype",
        pl.col("playtype").alias("chart.playtype"),
        pl.col("difficulty").alias("chart.difficulty"),
        pl.col("level_num").alias("chart.level_num"),
        *_members("chart", game),
        *_members("song", game),
    )
    return collected(columns)


def _members(of: str, game: str) -> list[pl.Expr]:
    """A column per declared member of ``data``."""
    types = data_types(f"{of}s", game)
    decoded = pl.col(f"{of}_data").str.json_decode(pl.Struct(types))
    return [decoded.struct.field(name).alias(f"{of}.{snake(name)}") for name in types]
