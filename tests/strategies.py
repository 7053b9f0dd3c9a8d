"""Hypothesis strategies made of the dictionary of columns and of the games' declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tachi_data.games import GPT, Decimal, Enum, Graph, Integer, Metric
from tachi_data.names import snake
from tachi_data.tables import game_columns
from tachi_data.tables.column import Column
from tachi_data.tables.columns import column

A_DAY = 24 * 60 * 60 * 1000
MOST = 2**40  # Larger numbers tell no more, and sums of them stay whole.
NOTES = 1000


def values(one: Column) -> SearchStrategy[Any]:
    """Values of a column, null where the dictionary allows it."""
    some: SearchStrategy[Any] = {
        pl.String(): st.text(max_size=8),
        pl.Int64(): st.integers(0, MOST),
        pl.Float64(): st.floats(0, 1e6),
        pl.Boolean(): st.booleans(),
        pl.Datetime("ms"): st.integers(0, 1_700_000_000_000),
        pl.List(pl.String): st.lists(st.text(max_size=4), max_size=3),
    }[one.dtype]
    return st.none() | some if one.nullable else some


def allowed(metric: Metric, most: float = MOST) -> SearchStrategy[Any]:
    """Values that a metric may have; ``most`` stands for a bound that is the chart's, or none."""
    if isinstance(metric, Enum):
        return st.sampled_from(metric.values)
    if isinstance(metric, Graph):
        return st.lists(st.integers(int(metric.minimum), int(metric.maximum)), max_size=3)
    assert isinstance(metric, (Integer, Decimal))
    low = 0 if metric.minimum is None else metric.minimum
    high = most if metric.maximum is None or isinstance(metric.maximum, pl.Expr) else metric.maximum
    assert not isinstance(low, pl.Expr)
    if isinstance(metric, Integer):
        return st.integers(int(low), int(high))
    # A bound of a percentage that is the chart's is 100 or more.
    return st.floats(float(low), 100 if isinstance(metric.maximum, pl.Expr) else float(high))


def dry_scores(gpt: GPT, rows: int = 3) -> SearchStrategy[pl.DataFrame]:
    """Frames of dry scores with a chart of `NOTES` notes: each metric alone is within its bounds."""
    metrics = {snake(n): (m, NOTES // 2) for n, m in gpt.provided.items()}
    metrics |= {f"optional.{snake(n)}": (m, MOST) for n, m in gpt.optional.items()}
    drawn = {n: allowed(m, most) for n, (m, most) in metrics.items()}
    drawn |= {n: st.none() | s for n, s in drawn.items() if n.startswith("optional.")}
    drawn |= {n: values(column(n)) for n in ("comment", "time_achieved", "service", "highlight")}
    types = {n: m.dtype for n, (m, _) in metrics.items()}
    types |= {n: column(n).dtype for n in drawn if n not in types}
    return st.lists(st.fixed_dictionaries(drawn), min_size=1, max_size=rows).map(
        lambda played: with_chart(played, types, gpt)
    )


def with_chart(
    played: list[dict[str, Any]], types: Mapping[str, pl.DataType], gpt: GPT
) -> pl.DataFrame:
    """Rows with the columns of a chart that allows whatever is drawn; what nobody stated is null."""
    frame = pl.DataFrame(played, schema=dict(types), strict=False)
    chart = {
        n: pl.lit(NOTES if c.dtype.is_numeric() else None, dtype=c.dtype)
        for n, c in game_columns.chart_columns(gpt).items()
    }
    judged = {
        n: pl.lit(None, dtype=c.dtype) for n, c in game_columns.group(gpt, "judgements").items()
    }
    return frame.with_columns(**chart, **judged).with_columns(
        pl.lit(gpt.difficulties[0] if gpt.difficulties else "X").alias("chart.difficulty")
    )
