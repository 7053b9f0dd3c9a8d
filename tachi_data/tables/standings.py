"""What follows from scores: sessions, profiles, classes, and the progress of goals."""

from __future__ import annotations

from tachi_data.tables.columns import stored

GOAL_SUBS = stored(
    "goal_subs",
    "goal_id user_id game playtype progress progress_human out_of out_of_human achieved "
    "time_achieved last_interaction was_instantly_achieved was_assigned_standalone",
    "One row is a player's subscription to a goal.",
)
GAME_RULES = stored(
    "game_rules",
    "game generation rules_version derived_generation derived_version derived_user_id",
    "One row is a game: the rules that its stored scores follow, and how far newer ones are applied.",
)
QUEST_SUBS = stored(
    "quest_subs",
    "quest_id user_id game playtype progress achieved time_achieved last_interaction "
    "was_instantly_achieved",
    "One row is a player's subscription to a quest.",
)

TABLES = (
    stored(
        "sessions",
        "session_id user_id game playtype name description highlight time_inserted "
        "time_started time_ended ratings",
        "One row is a session; its scores carry its id.",
    ),
    stored(
        "game_stats",
        "user_id game playtype ratings classes",
        "One row is a player's profile on one game and playtype.",
    ),
    stored(
        "class_achievements",
        "user_id game playtype class_set class_old_value class_value time_achieved ordinal",
        "One row is a class that a player reached.",
    ),
    GOAL_SUBS,
    QUEST_SUBS,
    GAME_RULES,
)
