"""O.N.G.E.K.I. Next to the score there are the platinum score, counted in stars, and the bells.

The rating is the one up to bright MEMORY; Re:Fresh rates score and stars apart. Charts of bonus
tracks (in-game ID 7xxx, or level 0) are worth nothing, whatever the score.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.best import profile_rating
from tachi_data.games.goal_formats import (
    COMPACT,
    GOAL_VALUE,
    GROUPED,
    GoalFormat,
    Shown,
    Template,
    number,
    score_formats,
)
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Between,
    Class,
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
from tachi_data.games.words import (
    LEVEL,
    chart,
    divided,
    half_up,
    judgement,
    metric,
    outside,
    steps,
)

NOTE_LAMPS = ("LOSS", "CLEAR", "FULL COMBO", "ALL BREAK", "ALL BREAK+")
BELL_LAMPS = ("NONE", "FULL BELL")
MAX_SCORE = 1_010_000
GRADES = (
    ("D", 0),
    ("C", 500_000),
    ("B", 700_000),
    ("BB", 750_000),
    ("BBB", 800_000),
    ("A", 850_000),
    ("AA", 900_000),
    ("AAA", 940_000),
    ("S", 970_000),
    ("SS", 990_000),
    ("SSS", 1_000_000),
    ("SSS+", 1_007_500),
)
VERSIONS = ("brightMemory2Omni", "brightMemory3", "brightMemory3Omni", "refresh", "refreshOmni")
COLOURS = {
    "BLUE": None,
    "GREEN": 4,
    "ORANGE": 7,
    "RED": 9,
    "PURPLE": 11,
    "COPPER": 13,
    "SILVER": 15,
    "GOLD": 17,
    "PLATINUM": 18,
    "RAINBOW": 19,
    "RAINBOW_SHINY": 20,
    "RAINBOW_EX": 21,
}
COLOURS_V3 = COLOURS | {"RAINBOW_EX_TRUE": 22}
STAR_NAMES = (*(f"{n}-star" for n in range(6)), "R-star")
SCORE, NOTE, BELL = metric("score"), metric("noteLamp"), metric("bellLamp")
PLATINUM, MAX_PLATINUM = metric("platinumScore"), chart("maxPlatScore")
# Until v3, whoever lost could not have all bells.
LOST_WITH_BELLS = (BELL == "FULL BELL") & (NOTE == "LOSS")
UNRANKED = chart("inGameID").is_between(7000, 7999).fill_null(False) | (LEVEL == 0)
# No stars at all can be told of 0 out of 0.
STARS = (
    pl.when((PLATINUM != 0) | (MAX_PLATINUM != 0))
    .then(((divided(PLATINUM, MAX_PLATINUM) * 100).floor().clip(None, 99) - 93).clip(0, None))
    .cast(pl.Int64)
)


def validator(*, lost_with_bells: bool) -> Validator:
    """What the lamps say about each other, the score and the judgements; the message names what does not fit.

    A full bell with a loss fits since v3 (``lost_with_bells``).
    """
    miss = judgement("miss")
    hit_miss = judgement("hit") + miss
    perfect, is_best = NOTE == "ALL BREAK+", SCORE == MAX_SCORE
    wrong = {
        "The noteLamp ALL BREAK+ needs a score of 1,010,000.": perfect & (SCORE < MAX_SCORE),
        "A score of 1,010,000 needs the noteLamp ALL BREAK+.": is_best & ~perfect,
        "A score of 1,010,000 needs the bellLamp FULL BELL.": is_best & (BELL != "FULL BELL"),
        "The noteLamp ALL BREAK+ allows no break, hit or miss.": perfect
        & (hit_miss + judgement("break") > 0),
        "The noteLamp ALL BREAK allows no hit or miss.": (NOTE == "ALL BREAK") & (hit_miss > 0),
        "The noteLamp FULL COMBO allows no miss.": (NOTE == "FULL COMBO") & (miss > 0),
        "The noteLamp LOSS does not go with the bellLamp FULL BELL.": LOST_WITH_BELLS
        & pl.lit(not lost_with_bells),
        "The platinumScore is more than the chart allows.": PLATINUM > MAX_PLATINUM,
    }
    said = [pl.when(fails).then(pl.lit(message)) for message, fails in wrong.items()]
    message = pl.concat_str(said, separator=" ", ignore_nulls=True)
    return Validator(message, pl.any_horizontal(wrong.values()))


def ranked(value: pl.Expr, throws: pl.Expr, decimals: int = 3) -> Rating:
    """A rating that is 0 for unranked charts, where nothing is checked either."""
    shown = pl.when(UNRANKED).then(0.0).otherwise(value)
    return Rating(shown, throws=~UNRANKED & throws, decimals=decimals)


def rating() -> Rating:
    """The rating up to bright MEMORY: the level, and up to two more for the score."""
    level = half_up(LEVEL * 100)
    value = steps(
        SCORE,
        (1_007_500, level + 200),
        (1_000_000, level + 150 + divided(SCORE - 1_000_000, 150).floor()),
        (970_000, level + divided(SCORE - 970_000, 200).floor()),
        (900_000, level - divided(970_000 - SCORE, 175).ceil()),
        (800_000, level - 400 - divided(900_000 - SCORE, 500).ceil()),
        below=0.0,
    )
    return ranked(
        pl.max_horizontal(divided(value, 100), 0.0),
        outside(SCORE, 0, MAX_SCORE) | (LEVEL < 0),
        decimals=2,
    )


def score_rating(*misfits: pl.Expr) -> Rating:
    """The rating of Re:Fresh for score and lamps; in thousandths."""
    level, full_bell = half_up(LEVEL * 1000), BELL == "FULL BELL"
    lamp = pl.when(SCORE == MAX_SCORE).then(pl.lit("ALL BREAK+")).otherwise(NOTE)
    bonus = pl.when(full_bell).then(50).otherwise(0) + (
        pl.when(lamp == "FULL COMBO")
        .then(100)
        .when(lamp == "ALL BREAK")
        .then(300)
        .when(lamp == "ALL BREAK+")
        .then(350)
        .otherwise(0)
    )
    value = steps(
        SCORE,
        (1_007_500, level + 1750 + divided(250 * (SCORE - 1_007_500), 2500).floor() + 300),
        (1_000_000, level + 1250 + divided(500 * (SCORE - 1_000_000), 7500).floor() + 200),
        (990_000, level + 750 + divided(500 * (SCORE - 990_000), 10_000).floor() + 100),
        (970_000, level + divided(750 * (SCORE - 970_000), 20_000).floor()),
        (900_000, level - divided(4000 * (970_000 - SCORE), 70_000).ceil()),
        below=level - (4000 + divided(2000 * (900_000 - SCORE), 100_000).ceil()),
    )
    return ranked(
        pl.when(SCORE < 800_000)
        .then(0.0)
        .otherwise(pl.max_horizontal(divided(value + bonus, 1000), 0.0)),
        outside(SCORE, 0, MAX_SCORE)
        | (LEVEL < 0)
        | ((SCORE == MAX_SCORE) & ~full_bell)
        | ((SCORE < MAX_SCORE) & (NOTE == "ALL BREAK+"))
        | pl.any_horizontal(pl.lit(False), *misfits),
    )


def star_rating() -> Rating:
    """The rating of Re:Fresh for platinum stars; the sixth star adds nothing."""
    stars = STARS.clip(None, 5)
    return ranked(divided(((stars * LEVEL) * LEVEL).floor(), 1000), LEVEL < 0)


def rating_refresh(pbs: pl.DataFrame) -> pl.DataFrame:
    """The rating of Re:Fresh: the 60 best by score, a fifth more, and the 50 best by stars."""
    by_score = profile_rating(BestOf("scoreRating", 60, mean=True, scale=1000)).fill_null(0.0)
    by_stars = profile_rating(BestOf("starRating", 50, mean=True, scale=1000)).fill_null(0.0)
    total = (half_up(pl.col("score") * 1000) * 1.2).floor() + half_up(pl.col("stars") * 1000)
    return (
        pbs.filter("is_primary")
        .group_by("user_id")
        .agg(score=by_score, stars=by_stars)
        .select("user_id", value=divided(total, 1000))
    )


def stars_text(stars: pl.Expr) -> pl.Expr:
    """``★★★``; the sixth star is the rainbow one."""
    texts = ["★" * n for n in range(6)] + ["★★★★★(虹)"]
    return stars.cast(pl.Float64).replace_strict(
        [float(n) for n in range(7)], texts, default=None, return_dtype=pl.String
    )


SINGLE = GPT(
    game="ongeki",
    playtype="Single",
    name="O.N.G.E.K.I.",
    provided={
        "score": Integer(0, MAX_SCORE),
        "noteLamp": Enum(NOTE_LAMPS),
        "bellLamp": Enum(BELL_LAMPS),
        "platinumScore": Integer(maximum=MAX_PLATINUM),
    },
    derived={
        "grade": Grade("score", GRADES),
        "platinumStars": Integer(0, 6, derive=STARS),
    },
    optional={
        **FAST_SLOW_MAXCOMBO,
        "damage": Integer(in_score_id=True, checked_with_chart=True),
        "bellCount": Integer(in_score_id=True, checked_with_chart=True),
        "totalBellCount": Integer(checked_with_chart=True),
        "scoreGraph": Graph(0, MAX_SCORE, nullable=True),
        "platinumGraph": Graph(-100_000, 0, nullable=True),
        "bellGraph": Graph(-10_000, 0, nullable=True),
        "lifeGraph": Graph(0, 100, nullable=True),
    },
    judgements=("cbreak", "break", "hit", "miss"),
    default_metric="score",
    difficulties=("BASIC", "ADVANCED", "EXPERT", "MASTER", "Re:MASTER", "LUNATIC"),
    # A song has one of the two, which v2 knows as LUNATIC.
    sent_as={"Re:MASTER": "LUNATIC"},
    versions=VERSIONS,
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    validators=(validator(lost_with_bells=False),),
    ratings={
        "rating": rating(),
        "scoreRating": score_rating(LOST_WITH_BELLS),
        "starRating": star_rating(),
    },
    session_ratings={
        "naiveRating": BestOf("rating", 10),
        "naiveScoreRating": BestOf("scoreRating", 10),
        "starRating": BestOf("starRating", 10),
    },
    profile_ratings={
        "naiveRating": BestOf("rating", 45, mean=True, scale=100),
        "naiveRatingRefresh": Special(rating_refresh, otherwise=0.0),
    },
    classes={"colour": Class(tuple(COLOURS), "naiveRatingRefresh", tuple(COLOURS.values()))},
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(
            Merge(
                "Best Platinum Score", by="platinumScore", copies=("platinumScore", "platinumStars")
            ),
            Merge("Best Note Lamp", by="noteLamp", copies=("noteLamp",)),
            Merge("Best Bell Lamp", by="bellLamp", copies=("bellLamp",)),
        ),
        ranking=("score", "platinumScore"),
    ),
    chart_data={"maxPlatScore": pl.Int64(), "inGameID": pl.Int64()},
    # The catalogue of spring 2026 does not say it yet, but has folders that ask for it.
    inferred={"isBonusTrack": Between("inGameID", 7000, 8000)},
    goal_formats={
        **score_formats(COMPACT),
        "platinumScore": number("platinumScore", GROUPED),
        "platinumStars": GoalFormat(
            Template((Shown(stars_text(metric("platinumStars"))),)),
            Template((Shown(stars_text(GOAL_VALUE)),)),
        ),
    },
)
GPTS = (SINGLE,)
V3 = (
    SINGLE.in_v3(
        ranking=("score", "platinumScore", "noteLamp", "bellLamp"),
        derived={
            **SINGLE.derived,
            "platinumStars": Enum(STAR_NAMES, numbered=True, derive=STARS),
        },
        validators=(validator(lost_with_bells=True),),
        ratings={**SINGLE.ratings, "scoreRating": score_rating()},
        profile_ratings={
            **SINGLE.profile_ratings,
            "scoreRating": BestOf("scoreRating", 60, mean=True, scale=1000),
            "starRating": BestOf("starRating", 50, mean=True, scale=1000),
        },
        classes={
            "colour": Class(tuple(COLOURS_V3), "naiveRatingRefresh", tuple(COLOURS_V3.values()))
        },
    ),
)
