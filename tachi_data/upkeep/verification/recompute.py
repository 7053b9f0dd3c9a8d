"""Scores derived again from what players achieved: for charts that the catalogue has corrected."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.games import GPT, gpts
from tachi_data.names import snake
from tachi_data.scoring.metrics import derive, rate
from tachi_data.store import insert
from tachi_data.tables.scores import packed, scores_table, unpacked
from tachi_data.upkeep.rows import delete_rows


def recompute_scores(stored: pl.DataFrame, game: str, con: DuckDBPyConnection) -> int:
    """Derive metrics and ratings of these stored scores, and store those that change; returns how many.

    Score IDs stay, as they do not depend on anything derived. A score stays as it is where its chart is
    gone, or where it cannot be rated with what the catalogue says now.
    """
    if stored.is_empty():
        return 0
    table = scores_table(game)
    charts = chart_frame(con, stored.select("chart_id").unique(), game)
    scores = unpacked(stored, game).drop("song_id", "is_primary")
    scores = scores.join(charts, on="chart_id", how="inner", maintain_order="left")
    parts = [
        _recomputed(rows, gpt)
        for gpt in gpts(game)
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    if not parts:
        return 0
    anew = packed(pl.concat(parts, how="diagonal"), game, table).select(stored.columns)
    changed = anew.join(
        stored, on=stored.columns, how="anti", nulls_equal=True, maintain_order="left"
    )
    delete_rows(changed, game, con)
    insert(con, table.name, changed)
    return changed.height


def _recomputed(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """The scores of one playtype that can be rated, derived again."""
    scores = rate(derive(scores, gpt), gpt)
    broken = pl.any_horizontal(
        "rating_error", pl.lit(False), *(pl.col(snake(n)).is_null() for n in gpt.derived)
    )
    return scores.filter(~broken)
