"""The personal bests of the charts that changed scores touch, from all scores there.

Rankings are not stored: they follow from the personal bests of a chart and are computed when read.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.games import gpts
from tachi_data.scoring.personal_bests import personal_bests
from tachi_data.store import execute, identifier, insert, query, statements
from tachi_data.tables.scores import GROUPS, packed, pbs_table, scores_table, unpacked

sql = statements("tachi_data.standings")


def stored_on_charts(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """All stored scores of players on charts (``user_id, chart_id``, may repeat), flat."""
    text = sql("scores_on_charts").format(
        columns=", ".join(f"stored.{identifier(c)}" for c in _columns(game))
    )
    params = {"scores": scores_table(game).name}
    return unpacked(query(con, text, params, touched=_charts(touched)), game)


def new_personal_bests(new: pl.DataFrame, earlier: pl.DataFrame, game: str) -> pl.DataFrame:
    """The personal bests that new scores (complete, flat) make together with the earlier ones there."""
    needed = _needed_of(new, game)
    if earlier.is_empty():
        return _personal_bests(needed, game)
    charts = needed.select("chart_id", "^chart\\..*$").unique("chart_id")
    earlier = earlier.join(charts, on="chart_id", how="left", maintain_order="left")
    return _personal_bests(pl.concat([earlier, needed], how="diagonal"), game)


def store_personal_bests(
    pbs: pl.DataFrame, earlier: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> None:
    """Store `new_personal_bests` in the place of those that the earlier scores made."""
    if earlier.is_empty():
        _append(pbs, game, con)
    else:
        _replace(pbs, earlier, game, con)


def _needed_of(scores: pl.DataFrame, game: str) -> pl.DataFrame:
    """Those columns of complete scores that personal bests are made of."""
    plain = {*_columns(game)} - {*GROUPS}
    groups = (*GROUPS, "chart")
    return scores.select(c for c in scores.columns if c in plain or c.split(".")[0] in groups)


def rebuild_personal_bests(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Write the personal bests of these players on these charts (``user_id, chart_id``) again."""
    _replace(compute_personal_bests(touched, game, con), touched, game, con)


def compute_personal_bests(
    touched: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The personal bests of these players on these charts, flat, without storing them."""
    scores = stored_on_charts(touched, game, con)
    charts = chart_frame(con, scores.select("chart_id").unique(), game)
    scores = scores.join(
        charts.select("chart_id", "^chart\\..*$"), on="chart_id", how="left", maintain_order="left"
    )
    return _personal_bests(scores, game)


def _columns(game: str) -> list[str]:
    """The columns of stored scores that personal bests are made of."""
    made = pbs_table(game).columns
    return [c for c in scores_table(game).columns if c in made or c in ("score_id", "ordinal")]


def _charts(touched: pl.DataFrame) -> pl.DataFrame:
    return touched.select("user_id", "chart_id").unique()


def _personal_bests(scores: pl.DataFrame, game: str) -> pl.DataFrame:
    parts = [
        personal_bests(rows, gpt)
        for gpt in gpts(game)
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    return pl.concat(parts, how="diagonal") if parts else scores.head(0)


def _replace(pbs: pl.DataFrame, touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    text = sql("delete_pbs", pbs=pbs_table(game).name)
    execute(con, text, touched=_charts(touched))
    _append(pbs, game, con)


def _append(pbs: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    insert(con, pbs_table(game).name, packed(pbs, game, pbs_table(game)))
