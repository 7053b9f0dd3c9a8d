"""Documents about goals and quests: subscriptions, and the changes that an import made to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

FIGURES = {
    "progress": "progress",
    "progressHuman": "progress_human",
    "outOf": "out_of",
    "outOfHuman": "out_of_human",
    "achieved": "achieved",
}


def figures(column: str) -> pl.Expr:
    """Returns the figures of a goal, a struct, with the names of documents."""
    stored = pl.col(column).struct
    return pl.struct(stored.field(field).alias(name) for name, field in FIGURES.items())


def goal_subs(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per subscription to a goal."""
    for row in rows.with_columns(_epochs()).iter_rows(named=True):
        yield {
            "goalID": row["goal_id"],
            "userID": row["user_id"],
            "game": row["game"],
            "playtype": row["playtype"],
            **_figures(row),
            "timeAchieved": row["time_achieved"],
            "lastInteraction": row["last_interaction"],
            "wasInstantlyAchieved": row["was_instantly_achieved"],
            "wasAssignedStandalone": row["was_assigned_standalone"],
        }


def quest_subs(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per subscription to a quest."""
    for row in rows.with_columns(_epochs()).iter_rows(named=True):
        yield {
            "questID": row["quest_id"],
            "userID": row["user_id"],
            "game": row["game"],
            "playtype": row["playtype"],
            "progress": row["progress"],
            "achieved": row["achieved"],
            "timeAchieved": row["time_achieved"],
            "lastInteraction": row["last_interaction"],
            "wasInstantlyAchieved": row["was_instantly_achieved"],
        }


def _epochs() -> pl.Expr:
    return pl.col("time_achieved", "last_interaction").dt.epoch("ms")


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _number(row[column]) for name, column in FIGURES.items()}


def _number(value: Any) -> Any:
    """Returns a whole number as an integer: documents have 5, not 5.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
