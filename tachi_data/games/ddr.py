"""DanceDanceRevolution, single (SP) and double (DP) play. Skill is flare skill, from WORLD on.

The flare is the gauge a chart was played with; a song's flare category says in which of three
lists of the profile it counts. LIFE4 is the last lamp in the list of the reference, after
MARVELOUS FULL COMBO; since v3 it is below a FULL COMBO. A personal best prefers the full combos in both: the
reference showed players who reported it (#1212 of its tracker) less than they had played.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tachi_data.games.best import sum_of_best
from tachi_data.games.goal_formats import GROUPED, score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE, MatchType
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
    SongKey,
    Special,
    Validator,
)
from tachi_data.games.words import (
    LEVEL,
    chart,
    divided,
    judgement,
    judgements_present,
    metric,
)

# 2: personal bests prefer full combos to LIFE4.
RULES = 2
LAMPS = (
    "FAILED",
    "ASSIST",
    "CLEAR",
    "FULL COMBO",
    "GREAT FULL COMBO",
    "PERFECT FULL COMBO",
    "MARVELOUS FULL COMBO",
    "LIFE4",
)
LAMPS_V3 = (
    "FAILED",
    "ASSIST",
    "CLEAR",
    "LIFE4",
    "FULL COMBO",
    "GREAT FULL COMBO",
    "PERFECT FULL COMBO",
    "MARVELOUS FULL COMBO",
)
GRADES = (
    ("E", None),
    ("D", 0),
    ("D+", 550_000),
    ("C-", 590_000),
    ("C", 600_000),
    ("C+", 650_000),
    ("B-", 690_000),
    ("B", 700_000),
    ("B+", 750_000),
    ("A-", 790_000),
    ("A", 800_000),
    ("A+", 850_000),
    ("AA-", 890_000),
    ("AA", 900_000),
    ("AA+", 950_000),
    ("AAA", 990_000),
)
FLARES = Enum(("0", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "EX"))
FLARE_CATEGORIES = ("CLASSIC", "WHITE", "GOLD")
# What a clear of level 1, 2, … is worth without flare.
LEVEL_POINTS = (
    *(145, 155, 170, 185, 205, 230, 255, 290, 335, 400),
    *(465, 510, 545, 575, 600, 620, 635, 650, 665),
)
FLARE_CLASSES = {
    "NONE": (None, 500, 1000, 1500),
    "MERCURY": (2000, 3000, 4000, 5000),
    "VENUS": (6000, 7000, 8000, 9000),
    "EARTH": (10_000, 11_500, 13_000, 14_500),
    "MARS": (16_000, 18_000, 20_000, 22_000),
    "JUPITER": (24_000, 26_500, 29_000, 31_500),
    "SATURN": (34_000, 36_750, 39_500, 42_250),
    "URANUS": (45_000, 48_750, 52_500, 56_250),
    "NEPTUNE": (60_000, 63_750, 67_500, 71_250),
    "SUN": (75_000, 78_750, 82_500, 86_250),
}
FLARE_CLASS = Class(
    (*(f"{name}{plus}" for name in FLARE_CLASSES for plus in ("", "+", "++", "+++")), "WORLD"),
    derived_from="flareSkill",
    thresholds=(*(bound for bounds in FLARE_CLASSES.values() for bound in bounds), 90_000),
)
LAMP, SCORE = metric("lamp"), metric("score")
GRADE = Grade("score", GRADES, cases=((LAMP == "FAILED", "E"),))


def validators() -> tuple[Validator, ...]:
    """What score, lamp and EX score say about the judgements. An OK counts like a MARVELOUS."""
    marvelous, perfect, great, good, miss, ok = (
        judgement(name) for name in ("MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS", "OK")
    )
    # In hundred thousands of the maximum, so that everything up to the division is whole.
    maximum = 5 * chart("stepCount")
    steps_hit = 5 * (marvelous + perfect + ok) + 3 * great + good
    lost = (perfect + great + good) * maximum
    exact_score = divided(steps_hit * 100_000 - lost, maximum).floor() * 10
    combo_breaks = (
        ((LAMP == "FULL COMBO") & (miss > 0))
        | ((LAMP == "GREAT FULL COMBO") & (miss + good > 0))
        | ((LAMP == "PERFECT FULL COMBO") & (miss + good + great > 0))
        | ((LAMP == "MARVELOUS FULL COMBO") & (miss + good + great + perfect > 0))
    )
    return (
        Validator(
            "The score does not fit the judgements.",
            (LAMP != "FAILED")
            & judgements_present("MARVELOUS", "PERFECT", "GREAT", "GOOD", "OK", "MISS")
            & (exact_score != SCORE),
        ),
        Validator(
            "The lamp does not fit the judgements.",
            judgements_present("MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS") & combo_breaks,
        ),
        Validator(
            "The EX score does not fit the judgements.",
            judgements_present("MARVELOUS", "PERFECT", "GREAT", "OK")
            & (metric("optional.exScore") != marvelous * 3 + ok * 3 + perfect * 2 + great),
        ),
    )


def flare_skill() -> Rating:
    """The points of the level, six percent more for each step of flare; 0 for a failed play."""
    flare = metric("optional.flare").fill_null("0").replace("", "0")
    step = FLARES.index(flare)
    points = LEVEL.replace_strict(
        [float(n) for n in range(1, 20)],
        LEVEL_POINTS,
        default=float("nan"),
        return_dtype=pl.Float64,
    )
    failed = LAMP == "FAILED"
    return Rating(
        pl.when(failed).then(0.0).otherwise(divided(points * (100 + step * 6), 100).floor()),
        throws=~failed & (step.is_null() | (LEVEL <= 0) | (LEVEL > 19)),
    )


def profile_flare_skill(pbs: pl.DataFrame) -> pl.DataFrame:
    """The 30 best charts of each flare category; 0 for players who have none in any."""
    counted = pbs.filter(
        "is_primary",
        pl.col("ratings.flare_skill").is_not_null(),
        pl.col("song.flare_category").is_not_null(),
    )
    best = sum_of_best(pl.col("ratings.flare_skill"), 30)
    listed = pl.col("song.flare_category").is_in(FLARE_CATEGORIES)
    return (
        counted.group_by("user_id", "song.flare_category")
        .agg(value=pl.when(listed.first()).then(best).otherwise(0.0))
        .group_by("user_id")
        .agg(pl.col("value").sum())
    )


SONG_HASH = MatchType(name="ddrSongHash", finds="song", key="ddr_song_hash")
SP = GPT(
    game="ddr",
    playtype="SP",
    name="DDR",
    provided={"score": Integer(0, 1_000_000), "lamp": Enum(LAMPS)},
    derived={"grade": GRADE},
    optional={"flare": FLARES, "exScore": Integer(in_score_id=True), **FAST_SLOW_MAXCOMBO},
    judgements=("MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS", "OK"),
    default_metric="score",
    difficulties=("BEGINNER", "BASIC", "DIFFICULT", "EXPERT", "CHALLENGE"),
    versions=("a", "a20", "a20plus", "a3", "konaste", "world"),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID, SONG_HASH),
    validators=validators(),
    ratings={"flareSkill": flare_skill()},
    session_ratings={"flareSkill": BestOf("flareSkill", 10)},
    profile_ratings={"flareSkill": Special(profile_flare_skill, needs=("song.flare_category",))},
    classes={"flare": FLARE_CLASS},
    # The reference merges the best score twice; of two equal ones, both may be listed.
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(
            Merge("Best Lamp", by="lamp", copies=("lamp",), order=LAMPS_V3),
            Merge("Best Score", by="score", copies=("score", "grade")),
            Merge("Best EX Score", by="optional.exScore", copies=("optional.exScore",)),
        ),
    ),
    chart_data={"stepCount": pl.Int64()},
    song_data={"flareCategory": pl.String()},
    song_keys={"ddr_song_hash": SongKey("ddrSongHash", needs_charts=True)},
    goal_formats=score_formats(GROUPED),
)
GPTS = (SP, replace(SP, playtype="DP"))
BEST_FLARE = Merge(
    "Best Flare", by="optional.flare", copies=("optional.flare",), unless=LAMP == "FAILED"
)
V3 = tuple(
    gpt.in_v3(
        ranking=("score", "lamp"),
        provided={**gpt.provided, "lamp": Enum(LAMPS_V3)},
        personal_best=replace(gpt.personal_best, merges=(*gpt.personal_best.merges, BEST_FLARE)),
    )
    for gpt in GPTS
)
