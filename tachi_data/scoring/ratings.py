"""Session and profile ratings: the worth of many scores together."""

from __future__ import annotations

import polars as pl

from tachi_data.games import GPT, BestOf, Special
from tachi_data.games.best import profile_rating, session_rating
from tachi_data.names import snake


def session_ratings(
    scores: pl.DataFrame, gpt: GPT, by: str | list[str] = "session_id"
) -> pl.DataFrame:
    """Rate sessions.

    Args:
        scores: The scores of whole sessions: ``by`` and the score ratings ``ratings.*``.
        gpt: The game and playtype of all of them.
        by: The columns that name a session.

    Returns:
        One row per session: ``by`` and ``ratings.<name>`` of each session rating.
    """
    return scores.group_by(by, maintain_order=True).agg(
        session_rating(rule).alias(_column(name)) for name, rule in gpt.session_ratings.items()
    )


def profile_ratings(pbs: pl.DataFrame, gpt: GPT, users: pl.DataFrame) -> pl.DataFrame:
    """Rate players.

    Args:
        pbs: All personal bests of these players on the GPT: ``user_id``, ``is_primary``, ``song_id``,
            ``ratings.*``, and the columns that the game's special ratings need.
        gpt: The game and playtype.
        users: The players (``user_id``), each once.

    Returns:
        One row per row of ``users``: ``user_id`` and ``ratings.<name>`` of each profile rating.
    """
    standard = {_column(n): r for n, r in gpt.profile_ratings.items() if isinstance(r, BestOf)}
    special = {_column(n): r for n, r in gpt.profile_ratings.items() if isinstance(r, Special)}
    primary = pbs.filter("is_primary").group_by("user_id")
    rated = _joined(
        users.select("user_id"),
        primary.agg(profile_rating(rule).alias(name) for name, rule in standard.items()),
    )
    for name, rule in special.items():
        rated = _joined(rated, rule.compute(pbs).select("user_id", pl.col("value").alias(name)))
        rated = rated.with_columns(pl.col(name).fill_null(pl.lit(rule.otherwise)))
    return rated.select("user_id", *map(_column, gpt.profile_ratings))


def _column(name: str) -> str:
    return f"ratings.{snake(name)}"


def _joined(rated: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return rated.join(more, on="user_id", how="left", maintain_order="left", validate="1:1")
