"""Subscriptions and their changes as documents: whole numbers stay whole, progress may be null."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.documents.goals import goal_subs, quest_subs
from tests.standings.tables import NOW, moment

FIGURES = {
    "progress": 4.0,
    "progress_human": "CLEAR",
    "out_of": 5.5,
    "out_of_human": "HARD CLEAR",
    "achieved": False,
}
OWNER = {"user_id": 1, "game": "iidx", "playtype": "SP", "was_instantly_achieved": False}


def told(frame: pl.DataFrame) -> pl.DataFrame:
    never = pl.lit(None, dtype=pl.Datetime("ms"))
    return frame.with_columns(time_achieved=never, last_interaction=moment(0))


def test_the_progress_of_a_goal_is_a_json_number() -> None:
    row: dict[str, Any] = {"goal_id": "G", **OWNER, **FIGURES, "was_assigned_standalone": True}
    (document,) = goal_subs(told(pl.DataFrame([row])))
    assert repr(document["progress"]) == "4"
    assert document["outOf"] == 5.5
    assert (document["progressHuman"], document["outOfHuman"]) == ("CLEAR", "HARD CLEAR")
    assert (document["timeAchieved"], document["lastInteraction"]) == (None, NOW)
    assert document["wasAssignedStandalone"]


def test_the_progress_of_a_quest_counts_goals() -> None:
    row = {"quest_id": "Q", **OWNER, "progress": 2, "achieved": True}
    (document,) = quest_subs(told(pl.DataFrame([row])))
    assert (document["questID"], document["progress"], document["achieved"]) == ("Q", 2, True)
