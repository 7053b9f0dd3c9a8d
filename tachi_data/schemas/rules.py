"""Rules about one row, with the message that a person reads where a row breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from tachi_data.games import Decimal, Enum, Graph, Integer, Metric
from tachi_data.reference.numbers import SAFE_INTEGER


@dataclass(frozen=True, eq=False)
class Rule:
    """A row breaks the rule where ``fails`` is true; null counts as not.

    Attributes:
        fails: Whether a row breaks the rule.
        message: What a person reads about such a row.
        value: The column that the rule is about, if a null in it breaks the rule never.
        alone: Whether no other broken rule of such a row is mentioned.
    """

    fails: pl.Expr
    message: pl.Expr
    value: str | None = None
    alone: bool = False

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that the rule reads. It holds in a frame that lacks one of them."""
        read = (*self.fails.meta.root_names(), *self.message.meta.root_names())
        return frozenset(read)


def missing(name: str, column: str) -> Rule:
    """Returns the rule that a value is there."""
    return Rule(pl.col(column).is_null(), pl.lit(f"{name}: is missing"))


def one_of(name: str, column: str, values: tuple[str, ...]) -> Rule:
    """Returns the rule that a text is one of some values."""
    value, allowed = pl.col(column), f"{name}: must be one of {', '.join(values)}, got"
    return Rule(
        ~value.is_in(list(values)),
        pl.concat_str(pl.lit(f'{allowed} "'), value, pl.lit('"')),
        column,
    )


def at_least(name: str, column: str, low: float) -> Rule:
    """Returns the rule that a number reaches a bound."""
    value = pl.col(column)
    return Rule(
        value < low, pl.format(f"{name}: must be at least {low:,}, got {{}}", value), column
    )


def at_most(name: str, column: str, high: float | pl.Expr) -> Rule:
    """Returns the rule that a number, which may be NaN, is within a bound, which may be the chart's."""
    value = pl.col(column)
    # Not a number is larger than every number for Polars.
    if not isinstance(high, pl.Expr):
        words = pl.format(f"{name}: must be at most {high:,}, got {{}}", value)
        return Rule(value > high, words, column)
    unknown = pl.lit(f"{name}: the catalogue does not say how much the chart allows")
    return Rule(
        (value > high) | (high.is_null() & value.is_not_null()),
        pl.coalesce(
            pl.format(f"{name}: {{}}, the chart allows at most {{}}", value, high), unknown
        ),
        column,
    )


def of_metric(name: str, column: str, metric: Metric, *, required: bool) -> Iterator[Rule]:
    """Yields the rules of a metric, called ``name`` in messages. A null breaks only that it is ``required``."""
    if required:
        yield missing(name, column)
    if isinstance(metric, Enum) and metric.numbered:
        yield at_least(name, column, 0)
        yield at_most(name, column, len(metric.values) - 1)
    elif isinstance(metric, Enum):
        yield one_of(name, column, metric.values)
    elif isinstance(metric, Graph):
        yield _graph(name, column, metric)
    elif isinstance(metric, (Integer, Decimal)):
        if metric.minimum is not None:
            assert not isinstance(metric.minimum, pl.Expr)
            yield at_least(name, column, metric.minimum)
        if metric.maximum is not None:
            yield at_most(name, column, metric.maximum)
        elif isinstance(metric, Integer):
            yield at_most(name, column, SAFE_INTEGER)
        else:
            value = pl.col(column)
            words = pl.format(f"{name}: must be a finite number, got {{}}", value)
            yield Rule(~value.is_finite(), words, column)


def _graph(name: str, column: str, graph: Graph) -> Rule:
    element = pl.element()
    inside = (element >= graph.minimum) & (element <= graph.maximum)
    if graph.integer:
        inside &= element == element.floor()
    holds = pl.col(column).list.eval(inside | element.is_null()).list.all()
    if not graph.nullable:
        holds &= pl.col(column).list.eval(element.is_not_null()).list.all()
    words = f"{name}: every value must be from {graph.minimum:g} to {graph.maximum:g}"
    return Rule(~holds, pl.lit(words), column)
