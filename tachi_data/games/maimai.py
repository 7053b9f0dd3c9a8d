"""maimai, before DX (FiNALE). How far above 100 % a chart goes depends on its slides: `maxPercent`.

The rating follows a curve through fifteen points, given for whole levels and interpolated between
them. Exactly on a point, and at the maximum, it is not rounded down (as in the reference).

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import percent_formats
from tachi_data.games.match_types import (
    IN_GAME_ID,
    IN_GAME_TEXT_ID,
    SONG_ID,
    SONG_TITLE,
    SPECIAL_CHART,
)
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Decimal,
    Enum,
    Grade,
    Merge,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import LEVEL, chart, divided, half_up, judgement, metric, steps

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "ALL PERFECT", "ALL PERFECT+")
GRADES = (
    ("F", 0),
    ("E", 10),
    ("D", 20),
    ("C", 40),
    ("B", 60),
    ("A", 80),
    ("AA", 90),
    ("AAA", 94),
    ("S", 97),
    ("S+", 98),
    ("SS", 99),
    ("SS+", 99.5),
    ("SSS", 100),
    ("SSS+", 104),
)
COLOURS = {
    "WHITE": None,
    "BLUE": 2,
    "GREEN": 4,
    "YELLOW": 7,
    "RED": 10,
    "PURPLE": 12,
    "BRONZE": 13,
    "SILVER": 14,
    "GOLD": 14.5,
    "RAINBOW": 15,
}
DANS = (
    *(f"DAN_{n}" for n in range(1, 11)),
    "KAIDEN",
    *(f"SHINDAN_{n}" for n in range(1, 11)),
    "SHINKAIDEN",
)
# In hundredths: the points of the curve (percent), and the rating there for each whole level.
POINTS = (
    *(0, 1000, 2000, 4000, 6000, 8000, 9000, 9400),
    *(9699, 9700, 9899, 9900, 9999, 10_000, 20_000),
)
CURVES = (
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (0, 0, 10, 20, 40, 100, 150, 250, 400, 400, 500, 550, 650, 700, 800),
    (0, 0, 20, 40, 80, 200, 250, 300, 450, 450, 550, 600, 700, 750, 850),
    (0, 0, 30, 60, 120, 300, 350, 400, 500, 500, 600, 650, 750, 800, 900),
    (0, 0, 40, 80, 160, 350, 400, 450, 550, 550, 650, 700, 800, 850, 950),
    (0, 0, 50, 100, 200, 400, 500, 550, 600, 600, 700, 750, 850, 900, 1000),
    (0, 0, 60, 120, 240, 450, 550, 600, 650, 650, 750, 800, 900, 950, 1050),
    (0, 0, 70, 140, 280, 500, 600, 700, 725, 750, 875, 900, 975, 1000, 1100),
    (0, 0, 80, 160, 320, 550, 650, 725, 750, 800, 925, 950, 1025, 1050, 1150),
    (0, 0, 90, 180, 360, 600, 700, 750, 800, 900, 1025, 1050, 1125, 1150, 1250),
    (0, 0, 100, 200, 400, 700, 800, 850, 900, 1000, 1125, 1150, 1225, 1250, 1350),
    (0, 0, 110, 220, 440, 800, 900, 950, 1000, 1100, 1175, 1200, 1275, 1300, 1400),
    (0, 0, 120, 240, 480, 900, 1000, 1050, 1100, 1200, 1275, 1300, 1375, 1400, 1500),
    (0, 0, 130, 260, 520, 1000, 1100, 1150, 1250, 1350, 1475, 1500, 1575, 1600, 1700),
    (0, 0, 140, 280, 560, 1100, 1200, 1250, 1400, 1500, 1675, 1700, 1775, 1800, 1900),
    (0, 0, 150, 300, 600, 1200, 1300, 1350, 1550, 1650, 1875, 1900, 1975, 2000, 2100),
)
LAMP, PERCENT, MAX_PERCENT = metric("lamp"), metric("percent"), chart("maxPercent")
GRADE = Grade("percent", GRADES, cases=((PERCENT == MAX_PERCENT, "SSS+"),))
VALIDATORS = (
    Validator("The percentage must be at most 104.", PERCENT > 104),
    Validator(
        "An ALL PERFECT+ is graded SSS+, and the other way round.",
        (LAMP == "ALL PERFECT+") != (metric("grade") == "SSS+"),
    ),
    Validator(
        "An ALL PERFECT cannot have greats, goods or misses, a FULL COMBO no misses.",
        ((LAMP == "ALL PERFECT") & (judgement("great") + judgement("good") + judgement("miss") > 0))
        | ((LAMP == "FULL COMBO") & (judgement("miss") > 0)),
    ),
)


def looked_up(values: tuple[int, ...], position: pl.Expr) -> pl.Expr:
    """The value at a position, as a binary64."""
    return position.cast(pl.Int64).replace_strict(
        range(len(values)), values, default=None, return_dtype=pl.Float64
    )


def curve(point: pl.Expr) -> pl.Expr:
    """The curve of the chart's level at one of the fifteen points."""
    level, low, high = pl.col("level"), pl.col("low"), pl.col("high")
    rows = tuple(value for row in CURVES for value in row)
    at_low = looked_up(rows, divided(low, 10) * len(POINTS) + point)
    at_high = looked_up(rows, divided(high, 10) * len(POINTS) + point)
    between = at_low + divided((at_high - at_low) * (level - low), high - low)
    return pl.when(low == high).then(at_low).otherwise(between)


def on_curve(scores: pl.DataFrame) -> pl.DataFrame:
    """Where each score lies: from point ``start`` to ``end``, worth from ``here`` to ``ahead``.

    ``reached`` is how far it got on its way; ``top`` what the chart's maximum is worth.
    """
    scored, maximum, level, point = (pl.col(n) for n in ("scored", "maximum", "level", "point"))
    beyond = level > 150
    # From 100 % on, all that the chart allows counts as the last stretch.
    stretched = (divided(scored - 10_000, maximum - 10_000) * 10_000 + 10_000).floor()
    return (
        scores.select(
            scored=half_up(PERCENT * 100),
            maximum=half_up(MAX_PERCENT * 100),
            level=half_up(LEVEL * 10),
        )
        .with_columns(
            point=steps(scored, *((bound, i) for i, bound in reversed(list(enumerate(POINTS))))),
            low=pl.when(beyond).then(140.0).otherwise(divided(level, 10).floor() * 10),
            high=pl.when(beyond).then(150.0).otherwise(divided(level, 10).ceil() * 10),
        )
        .with_columns(
            reached=pl.when(point == 13).then(stretched).otherwise(scored),
            start=looked_up(POINTS, point),
            end=looked_up(POINTS, point + 1),
            here=curve(point),
            ahead=curve(point + 1),
            top=curve(pl.lit(14)),
        )
    )


def rates(scores: pl.DataFrame) -> pl.Series:
    """The curve of the level at this percentage, in hundredths rounded down."""
    reached, start, end = pl.col("reached"), pl.col("start"), pl.col("end")
    here, ahead = pl.col("here"), pl.col("ahead")
    between = here + (ahead - here) * divided(reached - start, end - start)
    rate = (
        pl.when(pl.col("scored") <= 1000)
        .then(0.0)
        .when(pl.col("scored") == pl.col("maximum"))
        .then(divided(pl.col("top"), 100))
        .when(reached == start)
        .then(divided(here, 100))
        .otherwise(divided(between.floor(), 100))
    )
    return on_curve(scores).select(rate).to_series()


RATE = Rating(
    rates,
    throws=(MAX_PERCENT > 104) | (PERCENT > MAX_PERCENT) | (PERCENT < 0) | (LEVEL < 0),
)

SINGLE = GPT(
    game="maimai",
    playtype="Single",
    name="maimai",
    provided={"percent": Decimal(0, MAX_PERCENT), "lamp": Enum(LAMPS)},
    derived={"grade": GRADE},
    optional=FAST_SLOW_MAXCOMBO,
    judgements=("perfect", "great", "good", "miss"),
    default_metric="percent",
    difficulties=("Easy", "Basic", "Advanced", "Expert", "Master", "Re:Master"),
    versions=("finale",),
    open_difficulties=True,
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID, IN_GAME_TEXT_ID, SPECIAL_CHART),
    validators=VALIDATORS,
    ratings={"rate": RATE},
    session_ratings={"rate": BestOf("rate", 10)},
    profile_ratings={"naiveRate": BestOf("rate", 30, mean=True)},
    classes={
        "colour": Class(tuple(COLOURS), "naiveRate", tuple(COLOURS.values())),
        "dan": Class(DANS),
    },
    personal_best=PersonalBest(
        "Best Percent", by="percent", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    chart_data={"maxPercent": pl.Float64()},
    goal_formats=percent_formats(top_varies=True),
)
GPTS = (SINGLE,)
V3 = (SINGLE.in_v3(ranking=("percent", "lamp")),)
