"""Session and profile ratings: what many scores are worth together."""

from __future__ import annotations

import polars as pl

from tachi_data.games import GPT, BestOf, Special
from tachi_data.games._model import half_up
from tachi_data.names import snake


def session_ratings(scores: pl.DataFrame, gpt: GPT, by: str = "session_id") -> pl.DataFrame:
    """One row per session: ``by`` and ``ratings.<name>`` of each session rating.

    ``scores`` has ``by`` and the score ratings ``ratings.*``; every score of a session counts.
    """
    return scores.group_by(by, maintain_order=True).agg(
        _of_session(rule).alias(f"ratings.{snake(name)}") for name, rule in gpt.session_ratings.items()
    )


def _of_session(rule: BestOf) -> pl.Expr:
    values = pl.col(f"ratings.{snake(rule.of)}").drop_nulls()
    mean = _best(values, rule.count) / rule.count
    return pl.when(values.len() >= rule.count).then(mean * rule.times if rule.times != 1 else mean)


def _best(values: pl.Expr, count: int) -> pl.Expr:
    """The sum of the largest values, from the largest down."""
    # `sum` may add in any order; a running sum adds left to right as the reference does.
    return values.sort(descending=True).head(count).cum_sum().last().fill_null(0.0)


def profile_ratings(pbs: pl.DataFrame, gpt: GPT, users: pl.DataFrame) -> pl.DataFrame:
    """One row per user of ``users``: ``user_id`` and ``ratings.<name>`` of each profile rating.

    ``pbs`` are all personal bests of these users on the GPT: ``user_id``, ``is_primary``, ``song_id``,
    ``ratings.*``, and what the game's special ratings need.
    """
    simple = {name: r for name, r in gpt.profile_ratings.items() if isinstance(r, BestOf)}
    primary = pbs.filter(pl.col("is_primary"))
    rated = users.select("user_id").join(
        primary.group_by("user_id").agg(
            _of_profile(rule).alias(f"ratings.{snake(name)}") for name, rule in simple.items()
        ),
        on="user_id",
        how="left",
        maintain_order="left",
    )
    for name, rule in gpt.profile_ratings.items():
        if isinstance(rule, Special):
            values = rule.compute(pbs).select("user_id", pl.col("value").alias(f"ratings.{snake(name)}"))
            rated = rated.join(values, on="user_id", how="left", maintain_order="left")
            if rule.otherwise is not None:
                rated = rated.with_columns(pl.col(values.columns[1]).fill_null(rule.otherwise))
    return rated.select("user_id", *(f"ratings.{snake(name)}" for name in gpt.profile_ratings))


def _of_profile(rule: BestOf) -> pl.Expr:
    values = pl.col(f"ratings.{snake(rule.of)}").drop_nulls()
    if rule.scale is None:
        total = _best(values, rule.count)
        result = total / rule.count if rule.mean else total
    else:
        total = _best(half_up(values * rule.scale), rule.count)
        result = (total / rule.count).floor() / rule.scale if rule.mean else total / rule.scale
    needed = rule.count if rule.needs_all else 1
    return pl.when(values.len() >= needed).then(result)
