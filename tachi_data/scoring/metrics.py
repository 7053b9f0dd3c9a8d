"""Derived metrics and score ratings, as the game's module declares them."""

from __future__ import annotations

import polars as pl

from tachi_data.frames import collected
from tachi_data.games import GPT, Rating
from tachi_data.names import column_of, snake


def derive(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns the scores with the derived metrics; null where the original would raise.

    An optional metric that follows from others is filled in where a score does not state it.
    """
    derived = (
        m.derive.cast(m.dtype).alias(snake(name))
        for name, m in gpt.derived.items()
        if m.derive is not None
    )
    filled = (
        pl.coalesce(column_of(f"optional.{name}"), m.derive.cast(m.dtype))
        for name, m in gpt.optional.items()
        if m.derive is not None
    )
    return collected(scores.lazy().with_columns(*derived, *filled))


def rate(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns the scores with ``ratings.*`` and ``rating_error``: whether a formula raises.

    A rating whose formula raises is null.
    """
    throws = [r.throws.fill_null(False) for r in gpt.ratings.values() if r.throws is not None]
    values = (
        _value(rating, scores).alias(f"ratings.{snake(name)}")
        for name, rating in gpt.ratings.items()
    )
    raises = pl.any_horizontal(pl.lit(False), *throws).alias("rating_error")
    return collected(scores.lazy().with_columns(*values, raises))


def _value(rating: Rating, scores: pl.DataFrame) -> pl.Expr:
    value = rating.value if isinstance(rating.value, pl.Expr) else pl.lit(rating.value(scores))
    value = value.cast(pl.Float64)
    return value if rating.throws is None else pl.when(~rating.throws.fill_null(False)).then(value)
