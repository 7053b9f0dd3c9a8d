"""What ratings of a profile or session are made of: the largest values of each player."""

from __future__ import annotations

import polars as pl

from tachi_data.games._model import BestOf, half_up
from tachi_data.names import snake


def largest(rows: pl.DataFrame, by: str | list[str], value: str, count: int) -> pl.DataFrame:
    """The ``count`` rows of each group with the largest values, largest first; nulls are left out."""
    keys = [by] if isinstance(by, str) else by
    ranked = rows.filter(pl.col(value).is_not_null()).sort(*keys, value, descending=_last(keys))
    return ranked.filter(pl.int_range(pl.len()).over(keys) < count)


def _last(keys: list[str]) -> list[bool]:
    return [*(False for _ in keys), True]


def best_of(pbs: pl.DataFrame, rule: BestOf) -> pl.DataFrame:
    """A profile rating of the standard form: ``user_id, value``, for users with such ratings.

    ``pbs`` has ``user_id``, ``is_primary`` and the score rating.
    """
    rating = f"ratings.{snake(rule.of)}"
    counted = pbs.filter("is_primary").select("user_id", value=rating)
    best = largest(counted, "user_id", "value", rule.count)
    value = pl.col("value")
    total = (value if rule.scale is None else half_up(value * rule.scale)).sum()
    result = total / rule.count if rule.mean else total
    if rule.scale is not None:
        result = (result.floor() if rule.mean else result) / rule.scale
    if rule.needs_all:
        result = pl.when(pl.len() == rule.count).then(result)
    return best.group_by("user_id", maintain_order=True).agg(value=result)
