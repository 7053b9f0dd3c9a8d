"""WACCA.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Enum,
    Grade,
    Integer,
    Merge,
    OneOf,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import LEVEL, divided, half_up, judgement, metric, outside, steps

LAMPS = ("FAILED", "CLEAR", "MISSLESS", "FULL COMBO", "ALL MARVELOUS")
GRADES = (
    ("D", 0),
    ("C", 1),
    ("B", 300_100),
    ("A", 700_000),
    ("AA", 800_000),
    ("AAA", 850_000),
    ("S", 900_000),
    ("S+", 930_000),
    ("SS", 950_000),
    ("SS+", 970_000),
    ("SSS", 980_000),
    ("SSS+", 990_000),
    ("MASTER", 1_000_000),
)
COLOURS = {
    "ASH": None,
    "NAVY": 300,
    "YELLOW": 600,
    "RED": 1000,
    "PURPLE": 1300,
    "BLUE": 1600,
    "SILVER": 1900,
    "GOLD": 2200,
    "RAINBOW": 2500,
}
SCORE, LAMP = metric("score"), metric("lamp")
COEFFICIENT = steps(
    SCORE,
    (990_000, 4.0),
    (980_000, 3.75),
    (970_000, 3.5),
    (960_000, 3.25),
    (950_000, 3.0),
    (940_000, 2.75),
    (920_000, 2.5),
    (900_000, 2.0),
    (850_000, 1.5),
    below=1.0,
)

SINGLE = GPT(
    game="wacca",
    playtype="Single",
    name="WACCA",
    provided={"score": Integer(0, 1_000_000), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("score", GRADES)},
    optional={**FAST_SLOW_MAXCOMBO},
    judgements=("marvelous", "great", "good", "miss"),
    default_metric="score",
    difficulties=("NORMAL", "HARD", "EXPERT", "INFERNO"),
    versions=("reverse", "plus"),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    validators=(
        Validator(
            "ALL MARVELOUS goes with a score of 1,000,000, and the other way round.",
            (LAMP == "ALL MARVELOUS") != (SCORE == 1_000_000),
        ),
        Validator(
            "A FULL COMBO cannot have misses, a MISSLESS no more than 5.",
            ((LAMP == "FULL COMBO") & (judgement("miss") != 0))
            | ((LAMP == "MISSLESS") & (judgement("miss") > 5)),
        ),
        Validator(
            "An ALL MARVELOUS can only have marvelous judgements.",
            (LAMP == "ALL MARVELOUS")
            & (judgement("miss") + judgement("good") + judgement("great") != 0),
        ),
    ),
    ratings={
        "rate": Rating(
            divided(half_up((COEFFICIENT * LEVEL) * 1000), 1000),
            throws=outside(SCORE, 0, 1_000_000) | (LEVEL < 0),
        )
    },
    session_ratings={"rate": BestOf("rate", 10)},
    profile_ratings={"naiveRate": BestOf("rate", 50)},
    classes={
        "stageUp": Class(
            (
                "I",
                "II",
                "III",
                "IV",
                "V",
                "VI",
                "VII",
                "VIII",
                "IX",
                "X",
                "XI",
                "XII",
                "XIII",
                "XIV",
            )
        ),
        "colour": Class(
            tuple(COLOURS), derived_from="naiveRate", thresholds=tuple(COLOURS.values())
        ),
    },
    personal_best=PersonalBest(
        "Best Score", by="score", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    score_meta={"mirror": OneOf(boolean=True)},
    goal_formats=score_formats(),
)
GPTS = (SINGLE,)
V3 = (SINGLE.in_v3(ranking=("score", "lamp")),)
