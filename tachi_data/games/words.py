"""The words of the expressions in a game's module: columns by document name, and steps to values.

>>> frame = pl.DataFrame({"score": [500, 949], "judgements.miss": [None, 2], "chart.notecount": [500, 500]})
>>> frame.select(
...     percent=divided(100 * metric("score"), 2 * chart("notecount")),
...     lost=judgement("miss"),
...     grade=grade(metric("score"), (("D", 0), ("C", 600))),
... ).rows()
[(50.0, 0, 'D'), (94.9, 2, 'C')]
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from tachi_data.names import column_of, snake


def metric(name: str) -> pl.Expr:
    """The column of a provided, derived or (``optional.bp``) optional metric, by document name."""
    return pl.col(column_of(name))


def judgement(name: str) -> pl.Expr:
    """A judgement count; missing counts as 0."""
    return pl.col(f"judgements.{snake(name)}").fill_null(0)


def judgements_present(*names: str) -> pl.Expr:
    """True where none of these judgements is missing or null."""
    return pl.all_horizontal(pl.col(f"judgements.{snake(n)}").is_not_null() for n in names)


def chart(name: str) -> pl.Expr:
    """A member of ``chart.data``, or ``levelNum`` or ``difficulty``, by document name."""
    return pl.col(f"chart.{snake(name)}")


LEVEL = chart("levelNum")


def divided(value: pl.Expr, by: pl.Expr | float) -> pl.Expr:
    """Returns ``value / by`` as a binary64 division, to the last bit.

    Polars multiplies by the reciprocal where the divisor is one value for all rows, which is off in
    the last bit every third time: 66.6 * 15 must be 998.9999999999999, to be rounded down to 998.
    """
    number = value.cast(pl.Float64)
    # A divisor that depends on the value is a column of its own.
    return number / (number * 0 + by)


def half_up(value: pl.Expr) -> pl.Expr:
    """Returns the value rounded as JavaScript does: a half goes towards plus infinity."""
    floor = value.floor()
    return pl.when(value - floor >= 0.5).then(floor + 1).otherwise(floor)


# Splits a double in two halves whose products with small whole numbers are exact (Veltkamp).
SPLITTER = 2.0**27 + 1


def scaled(size: pl.Expr, scale: int) -> pl.Expr:
    """Returns ``size * scale`` as an integer, rounded half up by its exact value.

    The product of doubles is rounded itself (1.115 * 100 gives 111.50000000000001, though 1.115 is
    a little less than it seems), so what that rounding took away is computed too and decides.
    """
    product = size * float(scale)
    high = size * SPLITTER - (size * SPLITTER - size)
    lost = (high * float(scale) - product) + (size - high) * float(scale)
    above_half = (product - product.floor() - 0.5) + lost
    return product.floor().cast(pl.Int64) + (above_half >= 0).cast(pl.Int64)


def to_fixed(value: pl.Expr, decimals: int) -> pl.Expr:
    """Returns the value rounded as ``toFixed`` of JavaScript does: by its exact value, a half away from zero.

    >>> pl.DataFrame({"v": [0.015625, -0.015625, 0.3]}).select(to_fixed(pl.col("v"), 5)).to_series().to_list()
    [0.01563, -0.01563, 0.3]
    """
    number = value.cast(pl.Float64)
    size = divided(scaled(number.abs(), 10**decimals), 10**decimals)
    return pl.when(number < 0).then(-size).otherwise(size)


def steps(
    value: pl.Expr,
    *rows: tuple[float, pl.Expr | float | str],
    below: pl.Expr | float | str | None = None,
) -> pl.Expr:
    """Returns the result of the first ``(at least, result)`` whose bound is reached, or ``below``.

    Rows are given from the highest bound down.
    """
    if not any(isinstance(result, pl.Expr) for result in (below, *(r for _, r in rows))):
        return _looked_up(value, rows[::-1], below)
    literal = [(bound, r if isinstance(r, pl.Expr) else pl.lit(r)) for bound, r in rows]
    otherwise = below if isinstance(below, pl.Expr) else pl.lit(below)
    for bound, result in reversed(literal):
        # A NaN is larger than every number for Polars; in the original it reaches no bound.
        reaches = (value >= bound) & value.cast(pl.Float64).is_not_nan()
        otherwise = pl.when(reaches).then(result).otherwise(otherwise)
    return otherwise


def _looked_up(value: pl.Expr, ascending: Sequence[tuple[float, object]], below: object) -> pl.Expr:
    """`steps` to constants: one binary search, where a chain of conditions takes a pass for each."""
    bounds = pl.Series([bound for bound, _ in ascending], dtype=pl.Float64)
    results = pl.Series([below, *(result for _, result in ascending)], strict=False)
    reaching = value.cast(pl.Float64).fill_nan(None).fill_null(-math.inf)
    return pl.lit(results).gather(pl.lit(bounds).search_sorted(reaching, side="right"))


def grade(value: pl.Expr, boundaries: Sequence[tuple[str, float | None]]) -> pl.Expr:
    """Returns the highest grade whose lower bound ``value`` reaches; null below all of them.

    ``boundaries`` ascend; None marks a grade that is never reached through the table.
    """
    reachable = [(bound, name) for name, bound in boundaries if bound is not None]
    return steps(value, *reversed(reachable))


def sorted_by_bound(ranks: Mapping[str, float | None]) -> dict[str, float | None]:
    """Returns ranks in the order of their lower bounds; the one without a bound is the first.

    >>> sorted_by_bound({"BLUE": None, "RED": 7, "GREEN": 2})
    {'BLUE': None, 'GREEN': 2, 'RED': 7}
    """
    return dict(sorted(ranks.items(), key=lambda rank: -math.inf if rank[1] is None else rank[1]))


def outside(value: pl.Expr, low: float, high: float) -> pl.Expr:
    """True where ``value`` lies outside the inclusive bounds."""
    return (value < low) | (value > high)
