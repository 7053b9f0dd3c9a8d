"""What session and profile ratings are made of: the largest values of a group."""

from __future__ import annotations

import polars as pl

from tachi_data.games.model import BestOf
from tachi_data.games.words import divided, half_up, to_fixed
from tachi_data.names import snake


def sum_of_best(values: pl.Expr, count: int) -> pl.Expr:
    """The sum of the ``count`` largest values of a group without nulls, from the largest down."""
    # `sum` may add in any order; a running sum adds from left to right, as the reference does.
    return values.sort(descending=True).head(count).cum_sum().last().fill_null(0.0)


def session_rating(rule: BestOf) -> pl.Expr:
    """The rating of a group of scores; null where too few are rated."""
    values = pl.col(f"ratings.{snake(rule.of)}").drop_nulls()
    mean = divided(sum_of_best(values, rule.count), rule.count) * rule.times
    return pl.when(values.len() >= rule.count).then(_rounded(mean, rule))


def profile_rating(rule: BestOf) -> pl.Expr:
    """The rating of a player, whose primary personal bests are the group."""
    values = pl.col(f"ratings.{snake(rule.of)}").drop_nulls()
    if rule.scale is not None:
        values = half_up(values * rule.scale)
    result = sum_of_best(values, rule.count)
    if rule.mean:
        result = divided(result, rule.count)
    if rule.scale is not None:
        result = divided(result.floor(), rule.scale)
    return pl.when(values.len() >= (rule.count if rule.needs_all else 1)).then(
        _rounded(result, rule)
    )


def _rounded(value: pl.Expr, rule: BestOf) -> pl.Expr:
    return value if rule.decimals is None else to_fixed(value, rule.decimals)
