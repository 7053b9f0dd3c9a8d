"""SOUND VOLTEX. The score runs to ten million; VOLFORCE is its rating (VF6, and since NABLA VF7).

One VF6 is below 0.5 and the profile's sum of 50 around 10 to 23. The floating-point order of the
formula is visible in results: 9,700,000 CLEAR on a 20 gives 0.387, not 0.388.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tachi_data.games.goal_formats import score_formats
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
from tachi_data.games.words import LEVEL, divided, judgement, metric, outside, steps

LAMPS = (
    "FAILED",
    "CLEAR",
    "EXCESSIVE CLEAR",
    "MAXXIVE CLEAR",
    "ULTIMATE CHAIN",
    "PERFECT ULTIMATE CHAIN",
)
LAMP_COEFFICIENTS = (50.0, 100.0, 102.0, 104.0, 105.0, 110.0)
LAMP_COEFFICIENTS_VF7 = (50.0, 100.0, 102.0, 104.0, 106.0, 110.0)
GRADES = (
    ("D", 0),
    ("C", 7_000_000),
    ("B", 8_000_000),
    ("A", 8_700_000),
    ("A+", 9_000_000),
    ("AA", 9_300_000),
    ("AA+", 9_500_000),
    ("AAA", 9_700_000),
    ("AAA+", 9_800_000),
    ("S", 9_900_000),
    ("PUC", 10_000_000),
)
VF_COLOURS = {
    "SIENNA": (None, 2.5, 5, 7.5),
    "COBALT": (10, 10.5, 11, 11.5),
    "DANDELION": (12, 12.5, 13, 13.5),
    "CYAN": (14, 14.25, 14.5, 14.75),
    "SCARLET": (15, 15.25, 15.5, 15.75),
    "CORAL": (16, 16.25, 16.5, 16.75),
    "ARGENTO": (17, 17.25, 17.5, 17.75),
    "ELDORA": (18, 18.25, 18.5, 18.75),
    "CRIMSON": (19, 19.25, 19.5, 19.75),
    "IMPERIAL": (20, 21, 22, 23),
}
VF_CLASS = Class(
    tuple(f"{colour}_{step}" for colour in VF_COLOURS for step in ("I", "II", "III", "IV")),
    derived_from="VF6",
    thresholds=tuple(bound for bounds in VF_COLOURS.values() for bound in bounds),
)
VF_CLASS_V3 = replace(VF_CLASS, derived_from="VF7")
VALIDATORS = (
    Validator(
        "A PERFECT ULTIMATE CHAIN must have a score of 10,000,000.",
        (metric("lamp") == "PERFECT ULTIMATE CHAIN") & (metric("score") != 10_000_000),
    ),
    Validator(
        "A PERFECT ULTIMATE CHAIN cannot have misses or nears, an ULTIMATE CHAIN no misses.",
        ((metric("lamp") == "PERFECT ULTIMATE CHAIN") & (judgement("miss") + judgement("near") > 0))
        | ((metric("lamp") == "ULTIMATE CHAIN") & (judgement("miss") > 0)),
    ),
    Validator(
        "An ULTIMATE CHAIN must have a score of at least 5,000,000.",
        (metric("lamp") == "ULTIMATE CHAIN") & (metric("score") < 5_000_000),
    ),
)


def volforce(level: pl.Expr, lamp_coefficients: tuple[float, ...]) -> Rating:
    """VOLFORCE, in thousandths of what the game shows."""
    score = metric("score")
    by_grade = steps(
        score,
        (9_900_000, 105.0),
        (9_800_000, 102.0),
        (9_700_000, 100.0),
        (9_500_000, 97.0),
        (9_300_000, 94.0),
        (9_000_000, 91.0),
        (8_700_000, 88.0),
        (8_000_000, 85.0),
        (7_000_000, 82.0),
        below=80.0,
    )
    by_lamp = metric("lamp").replace_strict(LAMPS, lamp_coefficients, default=None)
    value = (((level * 2) * divided(score, 10_000_000)) * by_grade) * by_lamp
    return Rating(
        divided(divided(value, 1000).floor(), 1000),
        throws=outside(score, 0, 10_000_000),
        decimals=3,
    )


# In-game IDs are shared by all versions, and the fourth difficulty has a name of its own in each.
SDVX_IN_GAME_ID = replace(
    IN_GAME_ID,
    name="sdvxInGameID",
    playtype="ignored",
    aliases=True,
    checks_version=True,
    instead_of="inGameID",
)


SINGLE = GPT(
    game="sdvx",
    playtype="Single",
    name="SOUND VOLTEX",
    provided={"score": Integer(0, 10_000_000), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("score", GRADES)},
    optional={
        **FAST_SLOW_MAXCOMBO,
        "exScore": Integer(in_score_id=True, checked_with_chart=True),
        "gauge": Decimal(0, 100),
    },
    judgements=("critical", "near", "miss"),
    default_metric="score",
    difficulties=("NOV", "ADV", "EXH", "INF", "GRV", "HVN", "VVD", "XCD", "NBL", "MXM", "ULT"),
    difficulty_aliases={"ANY_INF": ("INF", "GRV", "HVN", "VVD", "XCD", "NBL")},
    versions=(
        *("booth", "inf", "gw", "heaven", "vivid", "exceed", "exceed-omni", "nabla", "nabla-omni"),
        "konaste",
    ),
    match_types=(SONG_TITLE, SONG_ID, SDVX_IN_GAME_ID),
    validators=VALIDATORS,
    ratings={"VF6": volforce(LEVEL, LAMP_COEFFICIENTS)},
    session_ratings={"ProfileVF6": BestOf("VF6", 10, times=50)},
    profile_ratings={"VF6": BestOf("VF6", 50)},
    classes={"dan": Class((*(f"DAN_{n}" for n in range(1, 12)), "INF")), "vfClass": VF_CLASS},
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(
            Merge("Best Lamp", by="lamp", copies=("lamp",)),
            Merge("Best EX Score", by="optional.exScore", copies=("optional.exScore",)),
        ),
    ),
    score_meta={"inSkillAnalyser": OneOf(boolean=True, nullable=True)},
    goal_formats=score_formats(),
)
GPTS = (SINGLE,)
# VF6 is that of EXCEED GEAR, which knew no half levels.
RATINGS_V3 = {
    "VF6": volforce(LEVEL.floor(), LAMP_COEFFICIENTS),
    "VF7": volforce(LEVEL, LAMP_COEFFICIENTS_VF7),
}
SESSION_RATINGS_V3 = {f"Profile{name}": BestOf(name, 10, times=50) for name in RATINGS_V3}
PROFILE_RATINGS_V3 = {name: BestOf(name, 50) for name in RATINGS_V3}
V3 = (
    SINGLE.in_v3(
        ranking=("score", "lamp", "optional.exScore"),
        ratings=RATINGS_V3,
        session_ratings=SESSION_RATINGS_V3,
        profile_ratings=PROFILE_RATINGS_V3,
        classes={**SINGLE.classes, "vfClass": VF_CLASS_V3},
    ),
)
