"""pop'n music, nine buttons. A medal says how a chart was cleared; the lamp follows from it.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, chart_hash
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
from tachi_data.games.words import (
    LEVEL,
    divided,
    judgement,
    judgements_present,
    metric,
    outside,
)

MEDALS = (
    "failedCircle",
    "failedDiamond",
    "failedStar",
    "easyClear",
    "clearCircle",
    "clearDiamond",
    "clearStar",
    "fullComboCircle",
    "fullComboDiamond",
    "fullComboStar",
    "perfect",
)
LAMPS = ("FAILED", "EASY CLEAR", "CLEAR", "FULL COMBO", "PERFECT")
LAMP_OF_MEDAL = dict(
    zip(
        MEDALS,
        ("FAILED",) * 3 + ("EASY CLEAR",) + ("CLEAR",) * 3 + ("FULL COMBO",) * 3 + ("PERFECT",),
        strict=True,
    )
)
GRADES = (
    ("E", 0),
    ("D", 50_000),
    ("C", 62_000),
    ("B", 72_000),
    ("A", 82_000),
    ("AA", 90_000),
    ("AAA", 95_000),
    ("S", 98_000),
)
RANKS = {
    "KITTY": None,
    "STUDENT": 21,
    "DELINQUENT": 34,
    "DETECTIVE": 46,
    "IDOL": 59,
    "GENERAL": 68,
    "HERMIT": 79,
    "GOD": 91,
}
SCORE, MEDAL = metric("score"), metric("clearMedal")
LAMP = MEDAL.replace_strict(LAMP_OF_MEDAL, default=None, return_dtype=pl.String)
# A failed chart is never better than A.
GRADE = Grade("score", GRADES, cases=(((SCORE >= 90_000) & (LAMP == "FAILED"), "A"),))


def class_points() -> Rating:
    """Points of the game's class ranking, not rounded."""
    bonus = (
        pl.when(LAMP.is_in(["FULL COMBO", "PERFECT"]))
        .then(5000)
        .when(LAMP.is_in(["CLEAR", "EASY CLEAR"]))
        .then(3000)
        .otherwise(0)
    )
    points = divided(10_000 * LEVEL + SCORE - 50_000 + bonus, 5440)
    return Rating(
        pl.when(SCORE <= 50_000).then(0.0).otherwise(points),
        throws=outside(SCORE, 0, 100_000) | (LEVEL < 0),
    )


def wrong_medal() -> pl.Expr:
    """Medals state how many bads (cleared) or goods (full combo) there were."""
    good, bad = judgement("good"), judgement("bad")
    wrong = pl.lit(False)
    for kind, count in (("fullCombo", good), ("clear", bad)):
        wrong = (
            wrong
            | ((f"{kind}Star" == MEDAL) & outside(count, 1, 5))
            | ((f"{kind}Diamond" == MEDAL) & outside(count, 6, 20))
            | ((f"{kind}Circle" == MEDAL) & (count < 21))
        )
    return judgements_present("bad", "good") & wrong


NINE_BUTTONS = GPT(
    game="popn",
    playtype="9B",
    name="pop'n music",
    provided={"score": Integer(0, 100_000), "clearMedal": Enum(MEDALS)},
    derived={
        "lamp": Enum(LAMPS, derive=LAMP),
        "grade": GRADE,
    },
    optional={**FAST_SLOW_MAXCOMBO, "gauge": Decimal(0, 100)},
    judgements=("cool", "great", "good", "bad"),
    default_metric="score",
    difficulties=("Easy", "Normal", "Hyper", "EX"),
    versions=("peace", "kaimei", "unilab", "jamfizz"),
    match_types=(SONG_ID, IN_GAME_ID, chart_hash("popnChartHash", "sha256")),
    validators=(
        Validator(
            "A PERFECT cannot have bads or goods, a FULL COMBO no bads.",
            ((LAMP == "PERFECT") & (judgement("bad") + judgement("good") != 0))
            | ((LAMP == "FULL COMBO") & (judgement("bad") != 0)),
        ),
        Validator("The judgements do not go with the medal.", wrong_medal()),
    ),
    ratings={"classPoints": class_points()},
    session_ratings={"classPoints": BestOf("classPoints", 10)},
    profile_ratings={"naiveClassPoints": BestOf("classPoints", 20, mean=True)},
    classes={
        "class": Class(
            tuple(RANKS), derived_from="naiveClassPoints", thresholds=tuple(RANKS.values())
        )
    },
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(Merge("Best Clear", by="clearMedal", copies=("clearMedal", "lamp")),),
    ),
    score_meta={
        "hiSpeed": OneOf(number=True, nullable=True),
        "hidden": OneOf(number=True, nullable=True),
        "sudden": OneOf(number=True, nullable=True),
        "random": OneOf(("MIRROR", "NONRAN", "RANDOM", "S-RANDOM"), nullable=True),
        "gauge": OneOf(("EASY", "NORMAL", "HARD", "DANGER"), nullable=True),
    },
    goal_formats=score_formats(),
)
GPTS = (NINE_BUTTONS,)
V3 = (NINE_BUTTONS.in_v3(ranking=("score", "clearMedal")),)
