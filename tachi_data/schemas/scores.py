"""Is a complete score possible? Bounds and rules of its game, as one generated Pandera schema.

A bound is declared once, in the game's module; this turns it into a check with a message for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandera.polars as pa
import polars as pl

from tachi_data.games import GPT, Decimal, Enum, Graph, Integer, Metric
from tachi_data.names import snake
from tachi_data.reference.numbers import SAFE_INTEGER
from tachi_data.schemas.checking import problems, row_schema

DAY_MS = 24 * 60 * 60 * 1000


def invalid_scores(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Scores that break a bound or rule of their game: ``index`` and ``message`` (one row per rule).

    ``scores`` has provided and derived metrics, ``judgements.*``, ``optional.*`` and ``chart.*``.
    Optional metrics without any value are not looked at.
    """
    filled = frozenset(
        name
        for name in gpt.optional
        if scores[f"optional.{snake(name)}"].null_count() < scores.height
    )
    return problems(scores, score_schema(gpt, filled))


def invalid_times(scores: pl.DataFrame, now: int) -> pl.DataFrame:
    """Scores achieved before 1970 or more than a day after ``now`` (unix ms): ``index``, ``message``."""
    time = pl.col("time_achieved").dt.epoch("ms")
    late = pl.lit("timeAchieved: must not be more than 24 hours in the future")
    early = pl.lit("timeAchieved: must not be before 1970")
    message = pl.when(time > now + DAY_MS).then(late).when(time < 0).then(early)
    return scores.with_row_index("index").select("index", message=message).drop_nulls("message")


@cache
def score_schema(gpt: GPT, optional: frozenset[str] | None = None) -> pa.DataFrameSchema:
    """The Pandera schema of a game's scores, with the given optional metrics (default: all)."""
    names = [n for n in gpt.optional if optional is None or n in optional]
    required = [*gpt.provided.items(), *gpt.derived.items()]
    columns = {snake(n): pa.Column(m.dtype, nullable=True) for n, m in required}
    columns |= {
        f"optional.{snake(n)}": pa.Column(gpt.optional[n].dtype, nullable=True) for n in names
    }
    rules = dict(
        rule for name, m in required for rule in metric_rules(name, pl.col(snake(name)), m)
    )
    for name in names:
        metric, column = gpt.optional[name], pl.col(f"optional.{snake(name)}")
        rules |= metric_rules(name, column, metric, optional=True)
    rules |= {v.message: ~v.fails.fill_null(False) for v in gpt.validators}
    return row_schema(columns, rules)


def metric_rules(
    name: str, value: pl.Expr, metric: Metric, *, optional: bool = False
) -> Iterator[tuple[str, pl.Expr]]:
    """The rules of one metric, by message. A derived or optional value that is null passes."""
    passes = value.is_null() if optional or metric.derive is not None else pl.lit(False)
    for message, holds in _rules(metric, value):
        yield f"{name}: {message}", passes | holds


def _rules(metric: Metric, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    if isinstance(metric, Enum):
        yield f"must be one of {', '.join(metric.values)}", value.is_in(list(metric.values))
    elif isinstance(metric, Graph):
        elements = value.list.eval(_within(pl.element(), metric) | _allowed_null(metric)).list.all()
        yield f"every value must be from {metric.minimum:g} to {metric.maximum:g}", elements
    elif isinstance(metric, (Integer, Decimal)):
        low, high = metric.minimum, metric.maximum
        if low is not None:
            yield f"must be at least {_words(low)}", value >= low
        if high is None:
            high = SAFE_INTEGER if isinstance(metric, Integer) else None
        if high is None:
            yield "must be a finite number", value.is_finite()
        else:
            yield f"must be at most {_words(high)}", (value <= high) & value.is_not_nan()


def _within(element: pl.Expr, graph: Graph) -> pl.Expr:
    inside = (element >= graph.minimum) & (element <= graph.maximum) & element.is_not_nan()
    return inside & (element == element.floor()) if graph.integer else inside


def _allowed_null(graph: Graph) -> pl.Expr:
    return pl.element().is_null() if graph.nullable else pl.lit(False)


def _words(bound: float | pl.Expr) -> str:
    return "what the chart allows" if isinstance(bound, pl.Expr) else f"{bound:,}"
