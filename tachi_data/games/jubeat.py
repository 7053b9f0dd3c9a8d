"""jubeat. Next to the score of a million there is the music rate, to 100 %, in hard mode to 120 %.

The profile's jubility is the game's own: 30 charts of the songs of the current version ("hot") and
30 of the others, where a chart and its hard mode count as one.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.best import sum_of_best
from tachi_data.games.goal_formats import NumberFormat, number, score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Decimal,
    Enum,
    Grade,
    Graph,
    Integer,
    Merge,
    PersonalBest,
    Rating,
    Special,
    Validator,
)
from tachi_data.games.words import LEVEL, chart, divided, half_up, judgement, metric, outside

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "EXCELLENT")
MAX_SCORE = 1_000_000
GRADES = (
    ("E", 0),
    ("D", 500_000),
    ("C", 700_000),
    ("B", 800_000),
    ("A", 850_000),
    ("S", 900_000),
    ("SS", 950_000),
    ("SSS", 980_000),
    ("EXC", 1_000_000),
)
VERSIONS = (
    "jubeat",
    "ripples",
    "knit",
    "copious",
    "saucer",
    "prop",
    "qubell",
    "clan",
    "festo",
    "festo-omni",
    "ave",
    "beyond",
)
CURRENT_VERSION = "ave"
COLOURS = {
    "BLACK": None,
    "YELLOW_GREEN": 250,
    "GREEN": 750,
    "LIGHT_BLUE": 1500,
    "BLUE": 2500,
    "VIOLET": 4000,
    "PURPLE": 5500,
    "PINK": 7000,
    "ORANGE": 8500,
    "GOLD": 9500,
}
LAMP, SCORE, MUSIC_RATE = metric("lamp"), metric("score"), metric("musicRate")
MISS = judgement("miss")
IS_HARD_MODE = chart("difficulty").str.starts_with("HARD ")
VALIDATORS = (
    Validator(
        "An EXCELLENT is a score of 1,000,000, and the other way round.",
        (LAMP == "EXCELLENT") != (SCORE == MAX_SCORE),
    ),
    Validator(
        "An EXCELLENT cannot have goods, greats, misses or poors, a FULL COMBO no misses.",
        (
            (LAMP == "EXCELLENT")
            & (judgement("good") + judgement("great") + MISS + judgement("poor") > 0)
        )
        | ((LAMP == "FULL COMBO") & (MISS > 0)),
    ),
    # A FULL COMBO below 700,000 can therefore not be stored, as in the reference.
    Validator(
        "A score below 700,000 is FAILED, and any other is not.",
        (SCORE < 700_000) != (LAMP == "FAILED"),
    ),
)


def jubility() -> Rating:
    """Level times music rate, in the game's own rounding; 0 where it was not cleared."""
    level, rate = half_up(LEVEL * 10), (MUSIC_RATE * 10).floor()
    value = divided(divided(divided((level * 125) * rate, 99), 100).floor(), 10)
    return Rating(
        pl.when(SCORE < 700_000).then(0.0).otherwise(value),
        throws=outside(SCORE, 0, MAX_SCORE) | outside(MUSIC_RATE, 0, 120) | (LEVEL < 0),
    )


def profile_jubility(pbs: pl.DataFrame) -> pl.DataFrame:
    """The 30 best charts of hot songs and the 30 best of cold ones, primary or not."""
    best_of_modes = pbs.group_by(
        "user_id",
        "song_id",
        pl.col("chart.difficulty").str.strip_prefix("HARD ").alias("difficulty"),
        pl.col("song.display_version").eq_missing(CURRENT_VERSION).alias("is_hot"),
    ).agg(value=pl.col("ratings.jubility").max())
    return (
        best_of_modes.drop_nulls("value")
        .group_by("user_id", "is_hot")
        .agg(value=sum_of_best(pl.col("value"), 30))
        .group_by("user_id")
        .agg(pl.col("value").sum())
    )


SINGLE = GPT(
    game="jubeat",
    playtype="Single",
    name="jubeat",
    provided={
        "score": Integer(0, MAX_SCORE),
        "musicRate": Decimal(0, pl.when(IS_HARD_MODE).then(120.0).otherwise(100.0)),
        "lamp": Enum(LAMPS),
    },
    derived={"grade": Grade("score", GRADES)},
    optional={**FAST_SLOW_MAXCOMBO, "musicBar": Graph(0, 3, integer=True)},
    judgements=("perfect", "great", "good", "poor", "miss"),
    default_metric="musicRate",
    difficulties=("BSC", "ADV", "EXT", "HARD BSC", "HARD ADV", "HARD EXT"),
    versions=VERSIONS,
    match_types=(SONG_ID, IN_GAME_ID),
    validators=VALIDATORS,
    ratings={"jubility": jubility()},
    session_ratings={"jubility": BestOf("jubility", 10)},
    profile_ratings={
        "jubility": Special(
            profile_jubility,
            otherwise=0.0,
            needs=("chart.difficulty", "song.display_version"),
        ),
        "naiveJubility": BestOf("jubility", 60),
    },
    classes={"colour": Class(tuple(COLOURS), "jubility", tuple(COLOURS.values()))},
    personal_best=PersonalBest(
        "Best Music Rate",
        by="musicRate",
        merges=(
            Merge("Best Lamp", by="lamp", copies=("lamp",)),
            Merge("Best Score", by="score", copies=("score", "grade")),
        ),
    ),
    song_data={"displayVersion": pl.String()},
    goal_formats={
        **score_formats(),
        "musicRate": number("musicRate", NumberFormat("fixed", 1, "%")),
    },
)
GPTS = (SINGLE,)
V3 = (SINGLE.in_v3(ranking=("musicRate", "score", "lamp")),)
