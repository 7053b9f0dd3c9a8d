"""Arcaea. A pure note counts one more where it is exact, so the score goes beyond ten million.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.best import sum_of_best
from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import IN_GAME_TEXT_ID, SONG_ID, SONG_TITLE, MatchType
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Enum,
    Grade,
    Integer,
    Merge,
    PersonalBest,
    Rating,
    Renamed,
    Special,
    Validator,
)
from tachi_data.games.words import LEVEL, chart, divided, half_up, judgement, metric, steps
from tachi_data.reference.numbers import SAFE_INTEGER

LAMPS = ("LOST", "EASY CLEAR", "CLEAR", "HARD CLEAR", "FULL RECALL", "PURE MEMORY")
GRADES = (
    ("D", 0),
    ("C", 8_600_000),
    ("B", 8_900_000),
    ("A", 9_200_000),
    ("AA", 9_500_000),
    ("EX", 9_800_000),
    ("EX+", 9_900_000),
)
SCORE, LAMP = metric("score"), metric("lamp")


def potential() -> Rating:
    """The chart constant, plus up to two for the score, down to hundredths."""
    level = half_up(LEVEL * 100)
    value = steps(
        SCORE,
        (10_000_000, level + 200),
        (9_800_000, level + 100 + divided(SCORE - 9_800_000, 2000).floor()),
        below=level + divided(SCORE - 9_500_000, 3000).floor(),
    )
    return Rating(pl.max_horizontal(divided(value, 100), 0.0), throws=(SCORE < 0) | (LEVEL < 0))


def potential_v3() -> Rating:
    """The rating of version 7: not rounded, and a clear of any kind is worth 0.2."""
    value = steps(
        SCORE,
        (10_000_000, LEVEL + 2),
        (9_800_000, LEVEL + 1 + divided(SCORE - 9_800_000, 200_000)),
        below=LEVEL + divided(SCORE - 9_500_000, 300_000),
    )
    cleared = value + pl.when(LAMP == "LOST").then(0.0).otherwise(0.2)
    unrated = LEVEL <= 0
    return Rating(
        pl.when(unrated).then(0.0).otherwise(pl.max_horizontal(cleared, 0.0)),
        throws=~unrated & ((SCORE < 0) | ((LAMP == "PURE MEMORY") & (SCORE < 10_000_000))),
        decimals=3,
    )


def naive_potential_v3(pbs: pl.DataFrame) -> pl.DataFrame:
    """The rating of version 7: the 50 best, of which the 10 best count twice."""
    rated = pl.col("ratings.potential").drop_nulls()
    total = sum_of_best(rated, 50) + sum_of_best(rated, 10)
    return (
        pbs.filter("is_primary")
        .group_by("user_id")
        .agg(value=pl.when(rated.len() > 0).then(divided(total, 60)))
    )


# The in-game ID of a song; the difficulty may be that of its one hardest chart, whatever its name.
ARCAEA_TEXT_ID = MatchType(
    name="arcaeaInGameStrID",
    finds="chart",
    key="in_game_str_id",
    aliases=True,
    any_version=True,
)
VALIDATORS_V3 = (
    Validator(
        "A PURE MEMORY is at most 10,000,000 and one for each pure note.",
        (LAMP == "PURE MEMORY")
        & pl.col("judgements.pure").is_not_null()
        & (judgement("far") + judgement("lost") == 0)
        & (judgement("pure") < SCORE - 10_000_000),
    ),
    Validator(
        "The chart has fewer notes than were judged.",
        judgement("pure") + judgement("far") + judgement("lost") > chart("notecount"),
    ),
)
TOUCH = GPT(
    game="arcaea",
    playtype="Touch",
    name="Arcaea",
    provided={"score": Integer(0, 10_000_000 + chart("notecount")), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("score", GRADES)},
    optional={**FAST_SLOW_MAXCOMBO},
    judgements=("pure", "far", "lost"),
    default_metric="score",
    difficulties=("Past", "Present", "Future", "Eternal", "Beyond", "Inscribed"),
    difficulty_aliases={"AnyBeyond": ("Beyond", "Inscribed")},
    renamed=(
        Renamed(
            ("dreadarea", "rivenpilgrim", "deinosphainein", "cataclysmcry"),
            was="Beyond",
            now="AnyBeyond",
            match_type=ARCAEA_TEXT_ID.name,
        ),
    ),
    versions=("mobile", "switch"),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_TEXT_ID, ARCAEA_TEXT_ID),
    validators=(
        Validator(
            "A PURE MEMORY must have a score of at least 10,000,000.",
            (LAMP == "PURE MEMORY") & (SCORE < 10_000_000),
        ),
        Validator(
            "A FULL RECALL must have a score of at least 5,000,000.",
            (LAMP == "FULL RECALL") & (SCORE < 5_000_000),
        ),
        Validator(
            "A PURE MEMORY cannot have lost or far notes, a FULL RECALL no lost ones.",
            ((LAMP == "PURE MEMORY") & (judgement("lost") + judgement("far") != 0))
            | ((LAMP == "FULL RECALL") & (judgement("lost") != 0)),
        ),
    ),
    ratings={"potential": potential()},
    session_ratings={"naivePotential": BestOf("potential", 10)},
    profile_ratings={"naivePotential": BestOf("potential", 30, mean=True)},
    classes={
        "badge": Class(
            (
                "BLUE",
                "GREEN",
                "ASH_PURPLE",
                "PURPLE",
                "RED",
                "ONE_STAR",
                "TWO_STARS",
                "THREE_STARS",
            ),
            derived_from="naivePotential",
            thresholds=(None, 3.5, 7, 10, 11, 12, 12.5, 13),
        ),
        "courseBanner": Class(tuple(f"PHASE_{n}" for n in range(1, 13))),
    },
    personal_best=PersonalBest(
        "Best Score", by="score", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    chart_data={"notecount": pl.Int64()},
    goal_formats=score_formats(),
)
GPTS = (TOUCH,)
V3 = (
    TOUCH.in_v3(
        ranking=("score", "lamp"),
        # A chart whose notes nobody has counted yet allows any score.
        provided={
            **TOUCH.provided,
            "score": Integer(0, (10_000_000 + chart("notecount")).fill_null(SAFE_INTEGER)),
        },
        validators=(*TOUCH.validators, *VALIDATORS_V3),
        ratings={"potential": potential_v3()},
        profile_ratings={"naivePotential": Special(naive_potential_v3)},
    ),
)
