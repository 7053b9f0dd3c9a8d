"""Rebuild the personal bests of the charts that an import touched, from all scores there.

Rankings are not stored: they follow from the personal bests of a chart and are computed when read.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import chart_frame
from tachi_data.games import gpts
from tachi_data.games._tables import packed, pbs_table, scores_table, unpacked
from tachi_data.importing._sql import sql
from tachi_data.scoring.personal_bests import personal_bests
from tachi_data.store import insert


def rebuild_personal_bests(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Write the personal bests of these players on these charts (``user_id, chart_id``) anew."""
    touched = touched.select("user_id", "chart_id").unique()
    pbs = compute_personal_bests(touched, game, con)
    con.register("touched", touched)
    con.execute(sql("delete_pbs").format(pbs=pbs_table(game).name))
    con.unregister("touched")
    insert(con, pbs_table(game).name, packed(pbs, game, pbs_table(game)))


def compute_personal_bests(
    touched: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The personal bests of these players on these charts, flat, without storing them."""
    con.register("touched", touched)
    scores = unpacked(
        con.sql(sql("scores_on_charts"), params={"scores": scores_table(game).name}).pl(), game
    )
    con.unregister("touched")
    charts = chart_frame(con, scores.select("chart_id").unique(), game)
    scores = scores.join(
        charts.select("chart_id", "^chart\\..*$"), on="chart_id", how="left", maintain_order="left"
    )
    parts = [
        personal_bests(rows, gpt)
        for gpt in gpts(game)
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    return pl.concat(parts, how="diagonal") if parts else scores.head(0)
