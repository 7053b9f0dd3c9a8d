"""What follows from scores: sessions, profiles, classes, and the progress of goals."""

from __future__ import annotations

import polars as pl

from tachi_data.store import Table

TIME = pl.Datetime("ms")
TEXT, INTEGER, FLAG = pl.String(), pl.Int64(), pl.Boolean()

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

TABLES = (
    Table(
        "sessions",
        {
            "session_id": TEXT,
            "user_id": INTEGER,
            "game": TEXT,
            "playtype": TEXT,
            "name": TEXT,
            "description": TEXT,
            "highlight": FLAG,
            "time_inserted": TIME,
            "time_started": TIME,
            "time_ended": TIME,
            "ratings": TEXT,
        },
        "One row is a session; its scores carry its id.",
    ),
    Table(
        "game_stats",
        {"user_id": INTEGER, "game": TEXT, "playtype": TEXT, "ratings": TEXT, "classes": TEXT},
        "One row is a player's profile on one game and playtype.",
    ),
    Table(
        "class_achievements",
        {
            "user_id": INTEGER,
            "game": TEXT,
            "playtype": TEXT,
            "class_set": TEXT,
            "class_old_value": TEXT,
            "class_value": TEXT,
            "time_achieved": TIME,
            "ordinal": INTEGER,
        },
        "One row is a class that a player reached.",
    ),
    GOAL_SUBS,
    QUEST_SUBS,
)
