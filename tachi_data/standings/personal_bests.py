"""Personal bests of players on the charts of changed scores, from all their scores there.

The store has no rankings: they follow from the personal bests of a chart, and are computed when read.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.games import GPT
from tachi_data.scoring.personal_bests import personal_bests
from tachi_data.standings.known import known, merged_columns
from tachi_data.store import execute, insert, statements
from tachi_data.tables.scores import GROUPS, packed, pbs_table

sql = statements("tachi_data.standings")


def stored_on_charts(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Read all stored scores of some players on some charts.

    Args:
        touched: Players and charts, ``user_id, chart_id``; a pair may repeat.
        game: The game of the charts.
        con: The connection of a transaction.

    Returns:
        One row per score: the flat columns of which personal bests are made.
    """
    return known(game, con, touched=touched).earlier


def new_personal_bests(
    new: pl.DataFrame, earlier: pl.DataFrame, gpts: Sequence[GPT]
) -> pl.DataFrame:
    """Merge new scores and earlier ones into personal bests.

    Args:
        new: New scores: flat, complete, and with the facts of their charts (``chart.*``).
        earlier: All stored scores of the same players on the same charts, from `stored_on_charts`.
        gpts: The playtypes of the game of all of them, with the rules that hold.

    Returns:
        One row per player and chart: the flat columns of the game's table of personal bests.
    """
    needed = _needed_of(new, gpts[0].game)
    if earlier.is_empty():
        return _personal_bests(needed, gpts)
    charts = needed.select("chart_id", "^chart\\..*$").unique("chart_id")
    earlier = earlier.join(charts, on="chart_id", how="left", maintain_order="left")
    return _personal_bests(pl.concat([earlier, needed], how="diagonal"), gpts)


def store_personal_bests(
    pbs: pl.DataFrame, earlier: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> None:
    """Store the result of `new_personal_bests`, in the place of the personal bests of the earlier scores."""
    if earlier.is_empty():
        _append(pbs, game, con)
        return
    table = pbs_table(game)
    merged = packed(pbs, game, table)
    # A column that the frame lacks would keep what is stored.
    lacking = (pl.lit(None, dtype=d).alias(c) for c, d in table.columns.items() if c not in merged)
    execute(con, sql("merge_pbs", pbs=table.name), merged=merged.with_columns(lacking))


def _needed_of(scores: pl.DataFrame, game: str) -> pl.DataFrame:
    """Returns complete scores with only the columns of which personal bests are made."""
    plain = {*merged_columns(game)} - {*GROUPS}
    groups = (*GROUPS, "chart")
    return scores.select(c for c in scores.columns if c in plain or c.split(".")[0] in groups)


def rebuild_personal_bests(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Compute and store the personal bests of players on charts (``user_id, chart_id``) again.

    A personal best goes where the player has no score on the chart.
    """
    _replace(compute_personal_bests(touched, game, con), touched, game, con)


def compute_personal_bests(
    touched: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Returns the personal bests of players on charts (``user_id, chart_id``), flat; stores nothing."""
    scores = stored_on_charts(touched, game, con)
    charts = chart_frame(con, scores.select("chart_id").unique(), game)
    scores = scores.join(
        charts.select("chart_id", "^chart\\..*$"), on="chart_id", how="left", maintain_order="left"
    )
    return _personal_bests(scores, rules(game, con))


def _charts(touched: pl.DataFrame) -> pl.DataFrame:
    return touched.select("user_id", "chart_id").unique()


def _personal_bests(scores: pl.DataFrame, gpts: Sequence[GPT]) -> pl.DataFrame:
    parts = [
        personal_bests(rows, gpt)
        for gpt in gpts
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    return pl.concat(parts, how="diagonal") if parts else scores.head(0)


def _replace(pbs: pl.DataFrame, touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    text = sql("delete_pbs", pbs=pbs_table(game).name)
    execute(con, text, touched=_charts(touched))
    _append(pbs, game, con)


def _append(pbs: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    insert(con, pbs_table(game).name, packed(pbs, game, pbs_table(game)))
