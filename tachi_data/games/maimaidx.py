"""maimai DX. The achievement runs to 101 %; a chart of a song exists in standard and in DX form.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import percent_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE, SPECIAL_CHART
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Decimal,
    Enum,
    Grade,
    Graph,
    Merge,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import (
    LEVEL,
    divided,
    half_up,
    judgement,
    judgements_present,
    metric,
    outside,
    sorted_by_bound,
    steps,
)

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "FULL COMBO+", "ALL PERFECT", "ALL PERFECT+")
GRADES = (
    ("D", 0),
    ("C", 50),
    ("B", 60),
    ("BB", 70),
    ("BBB", 75),
    ("A", 80),
    ("AA", 90),
    ("AAA", 94),
    ("S", 97),
    ("S+", 98),
    ("SS", 99),
    ("SS+", 99.5),
    ("SSS", 100),
    ("SSS+", 100.5),
)
VERSIONS = (
    "universeplus",
    "festival",
    "festivalplus",
    "buddies",
    "buddies-omni",
    "buddiesplus",
    "buddiesplus-omni",
    "prism",
    "prism-omni",
    "prismplus",
    "prismplus-omni",
    "circle",
)
COLOURS = {
    "WHITE": None,
    "BLUE": 1000,
    "GREEN": 2000,
    "YELLOW": 4000,
    "RED": 7000,
    "PURPLE": 10_000,
    "BRONZE": 12_000,
    "SILVER": 13_000,
    "GOLD": 14_000,
    "PLATINUM": 14_500,
    "RAINBOW": 15_000,
}
COLOURS_V3 = sorted_by_bound(
    COLOURS
    | {
        "GOLD_II": 14_250,
        "PLATINUM_II": 14_750,
        "RAINBOW_II": 15_250,
        "RAINBOW_III": 15_500,
        "RAINBOW_IV": 15_750,
        "RAINBOW_EX_I": 16_000,
        "RAINBOW_EX_II": 16_250,
        "RAINBOW_EX_III": 16_500,
        "RAINBOW_EX_IV": 16_750,
    }
)
DANS = (
    *(f"DAN_{n}" for n in range(1, 11)),
    *(f"SHINDAN_{n}" for n in range(1, 11)),
    "SHINKAIDEN",
    "URAKAIDEN",
)
MATCHING_CLASSES_V3 = (
    *(f"{name}{n}" for name in ("B", "A", "S", "SS", "SSS") for n in range(5, 0, -1)),
    "LEGEND",
)
# Before v3 the reference lists A5 twice; the index of all better classes counts it.
MATCHING_CLASSES = (*MATCHING_CLASSES_V3[:5], "A5", *MATCHING_CLASSES_V3[5:])
# By achievement in ten thousandths of a percent; just below a bound the game has a step of its own.
COEFFICIENTS = (
    (1_005_000, 224.0),
    (1_004_999, 222.0),
    (1_000_000, 216.0),
    (999_999, 214.0),
    (995_000, 211.0),
    (990_000, 208.0),
    (989_999, 206.0),
    (980_000, 203.0),
    (970_000, 200.0),
    (969_999, 176.0),
    (940_000, 168.0),
    (900_000, 152.0),
    (800_000, 136.0),
    (799_999, 128.0),
    (750_000, 120.0),
    (700_000, 112.0),
    (600_000, 96.0),
    (500_000, 80.0),
    (400_000, 64.0),
    (300_000, 48.0),
    (200_000, 32.0),
    (100_000, 16.0),
)
LAMP, PERCENT = metric("lamp"), metric("percent")
VALIDATORS = (
    Validator(
        "An ALL PERFECT+ is 101 %, and the other way round; an ALL PERFECT at least 100.5 %.",
        ((LAMP == "ALL PERFECT+") != (PERCENT == 101))
        | ((LAMP == "ALL PERFECT") & (PERCENT < 100.5)),
    ),
)


def rates(scores: pl.DataFrame) -> pl.Series:
    """What the chart adds to the game's rating."""
    achieved, level = pl.col("achieved"), pl.col("level")
    coefficient = steps(achieved, *COEFFICIENTS, below=0.0)
    return (
        scores.select(
            achieved=pl.min_horizontal(half_up(PERCENT * 10_000), 1_005_000.0),
            level=half_up(LEVEL * 10),
        )
        .select(divided(achieved * coefficient * level, 100_000_000).floor())
        .to_series()
    )


RATE = Rating(rates, throws=outside(PERCENT, 0, 101) | (LEVEL < 0), decimals=0)

PERFECT = LAMP.is_in(["ALL PERFECT", "ALL PERFECT+"])
LOST = judgement("good") + judgement("miss")


def rates_v3(scores: pl.DataFrame) -> pl.Series:
    """One more for an ALL PERFECT, since CiRCLE."""
    return rates(scores) + scores.select(PERFECT.fill_null(False).cast(pl.Int64)).to_series()


def lamp_misfits(all_perfect_from: float) -> pl.Expr:
    """Whether the lamp does not go with the percentage."""
    return (
        ((LAMP == "ALL PERFECT+") != (PERCENT == 101))
        | ((LAMP == "ALL PERFECT") & (all_perfect_from > PERCENT))
        | ((LAMP == "CLEAR") & (PERCENT < 80))
        | ((LAMP == "FAILED") & (PERCENT >= 80))
    )


RATE_V3 = Rating(
    rates_v3,
    throws=outside(PERCENT, 0, 101) | (LEVEL < 0) | lamp_misfits(all_perfect_from=100),
    decimals=0,
)
VALIDATORS_V3 = (
    Validator(
        "An ALL PERFECT+ is 101 %, and the other way round; an ALL PERFECT at least 100.5 %, a CLEAR at"
        " least 80 %, and a FAILED less.",
        lamp_misfits(all_perfect_from=100.5),
    ),
    Validator(
        "The judgements do not go with the lamp.",
        judgements_present("great", "good", "miss")
        & (
            (PERFECT & (judgement("great") + LOST != 0))
            | ((LAMP == "FULL COMBO+") & (LOST != 0))
            | ((LAMP == "FULL COMBO") & (judgement("miss") != 0))
        ),
    ),
    Validator(
        "With a full combo, maxCombo must be the number of notes.",
        judgements_present("pcrit", "perfect", "great", "good", "miss")
        & ~LAMP.is_in(["CLEAR", "FAILED"])
        & (
            judgement("pcrit") + judgement("perfect") + judgement("great") + LOST
            != metric("optional.maxCombo")
        ),
    ),
)

SINGLE = GPT(
    game="maimaidx",
    playtype="Single",
    name="maimai DX",
    provided={"percent": Decimal(0, 101), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("percent", GRADES)},
    optional={
        **FAST_SLOW_MAXCOMBO,
        "percentGraph": Graph(0, 101, nullable=True),
        "lifeGraph": Graph(0, 999, nullable=True),
    },
    judgements=("pcrit", "perfect", "great", "good", "miss"),
    default_metric="percent",
    difficulties=tuple(
        f"{kind}{name}"
        for kind in ("", "DX ")
        for name in ("Basic", "Advanced", "Expert", "Master", "Re:Master")
    ),
    versions=VERSIONS,
    open_difficulties=True,
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID, SPECIAL_CHART),
    validators=VALIDATORS,
    ratings={"rate": RATE},
    session_ratings={"rate": BestOf("rate", 10)},
    profile_ratings={"naiveRate": BestOf("rate", 50)},
    classes={
        "colour": Class(tuple(COLOURS), "naiveRate", tuple(COLOURS.values())),
        "dan": Class(DANS),
        "matchingClass": Class(MATCHING_CLASSES),
    },
    personal_best=PersonalBest(
        "Best Percent", by="percent", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    goal_formats=percent_formats(4),
)
GPTS = (SINGLE,)
V3 = (
    SINGLE.in_v3(
        ranking=("percent", "lamp"),
        validators=VALIDATORS_V3,
        ratings={"rate": RATE_V3},
        classes={
            **SINGLE.classes,
            "colour": Class(tuple(COLOURS_V3), "naiveRate", tuple(COLOURS_V3.values())),
            "matchingClass": Class(MATCHING_CLASSES_V3),
        },
    ),
)
