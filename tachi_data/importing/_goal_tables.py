"""What is stored of players' goals and quests: their subscriptions, with the progress."""

from __future__ import annotations

import polars as pl

from tachi_data.store import Table

TIME = pl.Datetime("ms")

GOAL_SUBS = Table(
    "goal_subs",
    {
        "goal_id": pl.String(),
        "user_id": pl.Int64(),
        "game": pl.String(),
        "playtype": pl.String(),
        "progress": pl.Float64(),
        "progress_human": pl.String(),
        "out_of": pl.Float64(),
        "out_of_human": pl.String(),
        "achieved": pl.Boolean(),
        "time_achieved": TIME,
        "last_interaction": TIME,
        "was_instantly_achieved": pl.Boolean(),
        "was_assigned_standalone": pl.Boolean(),
    },
    "One row is a player's subscription to a goal.",
)
QUEST_SUBS = Table(
    "quest_subs",
    {
        "quest_id": pl.String(),
        "user_id": pl.Int64(),
        "game": pl.String(),
        "playtype": pl.String(),
        "progress": pl.Int64(),
        "achieved": pl.Boolean(),
        "time_achieved": TIME,
        "last_interaction": TIME,
        "was_instantly_achieved": pl.Boolean(),
    },
    "One row is a player's subscription to a quest.",
)
TABLES = (GOAL_SUBS, QUEST_SUBS)
