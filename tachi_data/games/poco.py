"""Polaris Chord. Its skill (PA skill) is the level of the chart, and up to 2.3 more for the percentage.

Bounds, grades, ratings and classes are those of the original server's branch for this game (2026-07), which
was not part of it yet when this was written.
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import percent_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Decimal,
    Enum,
    Grade,
    Integer,
    Merge,
    OneOf,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import LEVEL, divided, judgement, metric, steps, to_fixed

LAMPS = ("NO PLAY", "GOOD TRY", "SUCCESS", "FULL COMBO", "ALL PERFECT")
GRADES = (
    ("D", 0),
    ("C", 70),
    ("B", 80),
    ("A", 85),
    ("AA", 90),
    ("AAA", 95),
    ("S", 98),
    ("SS", 98.5),
    ("SSS", 99),
    ("SSS+", 99.5),
    ("AP", 100),
)
COLOURS = {
    "GRAY": None,
    "GREEN": 1,
    "LIME": 3,
    "BLUE": 6,
    "CYAN": 9,
    "LEMON": 11,
    "ORANGE": 12,
    "CORAL": 13,
    "RED": 14,
    "PURPLE": 15,
    "NAVY": 15.5,
    "RAINBOW": 16,
}
# Special notes of four kinds: how many were hit, and how many there were.
SPECIAL_NOTES = ("hold", "flick", "fader", "honeycomb")
PERCENT, LAMP = metric("percent"), metric("lamp")


def timing(side: str) -> Integer:
    """How many notes were fast or slow: the sum of its parts, where a score states a part of it."""
    parts = [metric(f"optional.{side}{part}") for part in ("Bad", "Good", "Great")]
    stated = pl.any_horizontal(part.is_not_null() for part in parts)
    return Integer(derive=pl.when(stated).then(pl.sum_horizontal(parts)))


def pa_skill() -> Rating:
    """The level, and a bonus that grows in steps of the percentage; to five decimals."""
    low = divided(-(LEVEL + 3), 4)
    bonus = steps(
        PERCENT,
        (100, pl.lit(2.3)),
        (99.5, 2 + (PERCENT - 99.5) * 0.6),
        (98, 0.5 + (PERCENT - 98) * 1),
        (95, (PERCENT - 95) * (0.5 / 3)),
        (85, -1 + (PERCENT - 85) * 0.1),
        (80, low + (PERCENT - 80) * divided(-1 - low, 5)),
        (50, -LEVEL + (PERCENT - 50) * divided(low + LEVEL, 30)),
        below=-LEVEL,
    )
    return Rating(to_fixed(LEVEL + bonus, 5))


SINGLE = GPT(
    game="poco",
    playtype="Single",
    name="Polaris Chord",
    provided={"percent": Decimal(0, 100), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("percent", GRADES)},
    optional={
        **FAST_SLOW_MAXCOMBO,
        "fast": timing("fast"),
        "slow": timing("slow"),
        **{
            f"{side}{part}": Integer()
            for side in ("fast", "slow")
            for part in ("Bad", "Good", "Great")
        },
        **{f"{name}{most}": Integer() for name in SPECIAL_NOTES for most in ("", "Max")},
    },
    judgements=("perfect", "great", "good", "bad", "miss"),
    default_metric="percent",
    difficulties=("EASY", "NORMAL", "HARD", "INFLUENCE", "POLAR"),
    versions=("poco",),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    validators=(
        Validator("An ALL PERFECT is 100 %.", (LAMP == "ALL PERFECT") & (PERCENT != 100)),
        Validator(
            "A FULL COMBO cannot have misses.", (LAMP == "FULL COMBO") & (judgement("miss") != 0)
        ),
        Validator(
            "An ALL PERFECT cannot have misses, bads, goods or greats.",
            (LAMP == "ALL PERFECT")
            & (judgement("miss") + judgement("bad") + judgement("good") + judgement("great") != 0),
        ),
    ),
    ratings={"paSkill": pa_skill()},
    session_ratings={"paSkill": BestOf("paSkill", 10, decimals=5)},
    profile_ratings={"paSkill": BestOf("paSkill", 30, mean=True, decimals=5)},
    classes={
        "colour": Class(tuple(COLOURS), derived_from="paSkill", thresholds=tuple(COLOURS.values()))
    },
    personal_best=PersonalBest(
        "Best Score",
        by="percent",
        merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),),
        ranking=("percent", "lamp"),
    ),
    score_meta={"mirror": OneOf(boolean=True)},
    goal_formats=percent_formats(),
)
GPTS = (SINGLE,)
