"""CHUNITHM. Two lamps: how the notes went (noteLamp) and how the gauge did (clearLamp).

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE, SPECIAL_CHART
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Enum,
    Grade,
    Graph,
    Integer,
    Merge,
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
    sorted_by_bound,
    steps,
)

NOTE_LAMPS = ("NONE", "FULL COMBO", "ALL JUSTICE", "ALL JUSTICE CRITICAL")
CLEAR_LAMPS = ("FAILED", "CLEAR", "HARD", "BRAVE", "ABSOLUTE", "CATASTROPHY")
GRADES = (
    ("D", 0),
    ("C", 500_000),
    ("B", 600_000),
    ("BB", 700_000),
    ("BBB", 800_000),
    ("A", 900_000),
    ("AA", 925_000),
    ("AAA", 950_000),
    ("S", 975_000),
    ("S+", 990_000),
    ("SS", 1_000_000),
    ("SS+", 1_005_000),
    ("SSS", 1_007_500),
    ("SSS+", 1_009_000),
)
DANS = ("DAN_I", "DAN_II", "DAN_III", "DAN_IV", "DAN_V", "DAN_INFINITE")
COLOURS = {
    "BLUE": None,
    "GREEN": 2,
    "ORANGE": 4,
    "RED": 7,
    "PURPLE": 10,
    "COPPER": 12,
    "SILVER": 13.25,
    "GOLD": 14.5,
    "PLATINUM": 15.25,
    "RAINBOW": 16,
    "RAINBOW_II": 16.25,
    "RAINBOW_III": 16.5,
    "RAINBOW_IV": 16.75,
    "RAINBOW_EX_I": 17,
    "RAINBOW_EX_II": 17.25,
    "RAINBOW_EX_III": 17.5,
}
COLOURS_V3 = sorted_by_bound(COLOURS | {"PLATINUM_II": 15.5, "PLATINUM_III": 15.75})
SCORE, NOTE_LAMP, CLEAR_LAMP = metric("score"), metric("noteLamp"), metric("clearLamp")


def rating(unrated: pl.Expr) -> Rating:
    """The rating of the game, down to hundredths; the level's hundredfold is not rounded first.

    A chart that is ``unrated`` is worth nothing, and nothing is checked of it.
    """
    base = LEVEL * 100
    half = (base - 500) / 2
    value = steps(
        SCORE,
        (1_009_000, base + 215),
        (1_007_500, base + 200 + divided(SCORE - 1_007_500, 100)),
        (1_005_000, base + 150 + divided((SCORE - 1_005_000) * 10, 500)),
        (1_000_000, base + 100 + divided((SCORE - 1_000_000) * 5, 500)),
        (975_000, base + divided((SCORE - 975_000) * 2, 500)),
        (900_000, base - 500 + divided((SCORE - 900_000) * 2, 300)),
        (800_000, half + divided((SCORE - 800_000) * half, 100_000)),
        (500_000, divided(half * (SCORE - 500_000), 300_000)),
        below=0.0,
    )
    rated = pl.max_horizontal(divided(value.floor(), 100), 0.0)
    return Rating(
        pl.when(unrated).then(0.0).otherwise(rated),
        throws=~unrated & (outside(SCORE, 0, 1_010_000) | (LEVEL < 0)),
    )


def validators() -> tuple[Validator, ...]:
    """Lamps against the score, the judgements, the combo, and the number of lost notes."""
    critical = NOTE_LAMP == "ALL JUSTICE CRITICAL"
    justice, attack, miss = judgement("justice"), judgement("attack"), judgement("miss")
    lost = justice + attack + miss
    combo = pl.col("optional.max_combo")
    return (
        Validator(
            "ALL JUSTICE CRITICAL goes with a score of 1,010,000, ALL JUSTICE with at least "
            "1,000,000, FULL COMBO with at least 500,000.",
            (critical & (SCORE != 1_010_000))
            | ((SCORE == 1_010_000) & ~critical)
            | ((NOTE_LAMP == "ALL JUSTICE") & (SCORE < 1_000_000))
            | ((NOTE_LAMP == "FULL COMBO") & (SCORE < 500_000)),
        ),
        Validator(
            "The judgements do not go with the note lamp.",
            (critical & (lost != 0))
            | ((NOTE_LAMP == "ALL JUSTICE") & (attack + miss != 0))
            | ((NOTE_LAMP == "FULL COMBO") & (miss != 0)),
        ),
        Validator(
            "With a full combo, maxCombo must be the number of notes.",
            combo.is_not_null()
            & judgements_present("jcrit", "justice", "attack", "miss")
            & (NOTE_LAMP != "NONE")
            & (judgement("jcrit") + lost != combo),
        ),
        Validator(
            "Too many notes were lost for this clear lamp.",
            judgements_present("justice", "attack", "miss")
            & (
                ((CLEAR_LAMP == "CATASTROPHY") & (lost >= 10))
                | ((CLEAR_LAMP == "ABSOLUTE") & (lost >= 50))
                | ((CLEAR_LAMP == "BRAVE") & (lost >= 150))
                | ((CLEAR_LAMP == "HARD") & (lost >= 300) & (miss >= 20))
            ),
        ),
    )


SINGLE = GPT(
    game="chunithm",
    playtype="Single",
    name="CHUNITHM",
    provided={
        "score": Integer(0, 1_010_000),
        "noteLamp": Enum(NOTE_LAMPS),
        "clearLamp": Enum(CLEAR_LAMPS),
    },
    derived={"grade": Grade("score", GRADES)},
    optional={
        **FAST_SLOW_MAXCOMBO,
        "scoreGraph": Graph(0, 1_010_000),
        "lifeGraph": Graph(0, 999),
    },
    judgements=("jcrit", "justice", "attack", "miss"),
    default_metric="score",
    difficulties=("BASIC", "ADVANCED", "EXPERT", "MASTER", "ULTIMA"),
    open_difficulties=True,
    unsupported_difficulties={
        "WORLD'S END": "WORLD'S END charts are found by their in-game ID: use gcmInGameIDSpecialChart."
    },
    versions=(
        "paradiselost",
        "new",
        "newplus",
        *(
            f"{version}{region}"
            for version in (
                "sun",
                "sunplus",
                "luminous",
                "luminousplus",
                "verse",
                "xverse",
                "xversex",
            )
            for region in ("", "-intl", "-omni")
        ),
    ),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID, SPECIAL_CHART),
    validators=validators(),
    ratings={"rating": rating(unrated=pl.lit(False))},
    session_ratings={"naiveRating": BestOf("rating", 10)},
    profile_ratings={"naiveRating": BestOf("rating", 50, mean=True, scale=100)},
    classes={
        "colour": Class(
            tuple(COLOURS), derived_from="naiveRating", thresholds=tuple(COLOURS.values())
        ),
        "dan": Class(DANS),
        "emblem": Class(DANS),
    },
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(
            Merge("Best Note Lamp", by="noteLamp", copies=("noteLamp",)),
            Merge("Best Clear Lamp", by="clearLamp", copies=("clearLamp",)),
        ),
        ranking=("score", "noteLamp", "clearLamp"),
    ),
    goal_formats=score_formats(),
)
GPTS = (SINGLE,)
V3 = (
    SINGLE.in_v3(
        ranking=("score", "noteLamp", "clearLamp"),
        # Charts of WORLD'S END have no level.
        ratings={"rating": rating(unrated=LEVEL <= 0)},
        classes={
            **SINGLE.classes,
            "colour": Class(tuple(COLOURS_V3), "naiveRating", tuple(COLOURS_V3.values())),
        },
    ),
)
