"""Deriving metrics and ratings of stored scores again, after the catalogue has corrected charts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.games import GPT
from tachi_data.names import snake
from tachi_data.scoring.metrics import derive, rate
from tachi_data.store import insert
from tachi_data.tables.scores import packed, scores_table, unpacked
from tachi_data.upkeep.rows import delete_rows


@dataclass(frozen=True)
class Recomputed:
    """The number of scores that changed, and the number of scores of which a formula fails."""

    changed: int = 0
    unrated: int = 0


def recompute_scores(
    stored: pl.DataFrame, game: str, con: DuckDBPyConnection, *, keep_unrated: bool = True
) -> Recomputed:
    """Derive metrics and ratings of stored scores, and store the scores that change.

    Score IDs stay: they do not depend on derived values. A score stays as it is where its chart is gone.

    Args:
        stored: Rows of the game's table of scores.
        game: The game.
        con: The connection of a transaction that writes.
        keep_unrated: Whether a score of which a formula fails stays as it is; otherwise that rating is null.

    Returns:
        The numbers of scores that changed, and of scores of which a formula fails.
    """
    if stored.is_empty():
        return Recomputed()
    table = scores_table(game)
    charts = chart_frame(con, stored.select("chart_id").unique(), game)
    scores = unpacked(stored, game).drop("song_id", "is_primary")
    scores = scores.join(charts, on="chart_id", how="inner", maintain_order="left")
    parts = [
        _recomputed(rows, gpt)
        for gpt in rules(game, con)
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    if not parts:
        return Recomputed()
    rated = pl.concat(parts, how="diagonal")
    is_kept = pl.col("underived") | (pl.col("rating_error") & keep_unrated)
    derived = packed(rated.filter(~is_kept), game, table).select(stored.columns)
    changed = derived.join(
        stored, on=stored.columns, how="anti", nulls_equal=True, maintain_order="left"
    )
    delete_rows(changed, game, con)
    insert(con, table.name, changed)
    return Recomputed(changed.height, int(rated["rating_error"].sum()))


def _recomputed(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns scores of one playtype, derived again: ``rating_error`` and ``underived`` say what failed."""
    scores = rate(derive(scores, gpt), gpt)
    nulls = (pl.col(snake(n)).is_null() for n in gpt.derived)
    return scores.with_columns(underived=pl.any_horizontal(pl.lit(False), *nulls))
