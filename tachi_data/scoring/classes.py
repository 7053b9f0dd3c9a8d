"""Classes that follow from a profile rating."""

from __future__ import annotations

import polars as pl

from tachi_data.games import GPT
from tachi_data.games.words import steps
from tachi_data.names import snake


def derived_classes(profile: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Derive classes from profile ratings.

    Args:
        profile: ``user_id`` and the profile ratings ``ratings.*``.
        gpt: The game and playtype.

    Returns:
        One row per row of ``profile``: ``user_id`` and ``classes.<set>`` of each set that follows from a
        rating; null where the rating is null.
    """
    columns = []
    for name, ranks in gpt.classes.items():
        if ranks.derived_from is None:
            continue
        value = pl.col(f"ratings.{snake(ranks.derived_from)}")
        bounds = [
            (b, v) for b, v in zip(ranks.thresholds, ranks.values, strict=True) if b is not None
        ]
        rank = steps(value, *reversed(bounds), below=ranks.values[0])
        columns.append(pl.when(value.is_not_null()).then(rank).alias(f"classes.{name}"))
    return profile.select("user_id", *columns)
