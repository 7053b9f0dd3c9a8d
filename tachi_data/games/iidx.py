"""beatmania IIDX, single (SP) and double (DP) play.

The score is the EX score: two points a PGREAT, one a GREAT. SP rates EASY CLEAR at 0, DP at the full
value, as the original does.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tachi_data.games.goal_formats import ex_score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
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
    OneOf,
    PersonalBest,
    Rating,
    SongKey,
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

LAMPS = (
    "NO PLAY",
    "FAILED",
    "ASSIST CLEAR",
    "EASY CLEAR",
    "CLEAR",
    "HARD CLEAR",
    "EX HARD CLEAR",
    "FULL COMBO",
)
# In ninths of the maximum, MAX- halfway between AAA and MAX.
GRADES = (
    ("F", 0.0),
    *(
        (name, (100 * k) / 9)
        for name, k in zip(("E", "D", "C", "B", "A", "AA", "AAA"), range(2, 9), strict=True)
    ),
    ("MAX-", (100 * 17) / 18),
    ("MAX", 100.0),
)
DIFFICULTIES = tuple(
    f"{kind}{name}"
    for kind in ("", "All Scratch ", "Kichiku ", "Kiraku ")
    for name in ("NORMAL", "HYPER", "ANOTHER", "LEGGENDARIA")
)
VERSIONS = (
    *(str(n) for n in range(20, 34)),
    *(f"{n}-cs" for n in range(3, 17)),
    *(f"{n}-omni" for n in range(26, 34)),
    *(f"{n}-2dxtra" for n in (27, 28, 30, 31)),
    "bmus",
    "inf",
)
DANS = (
    *(f"KYU_{n}" for n in range(7, 0, -1)),
    *(f"DAN_{n}" for n in range(1, 11)),
    "CHUUDEN",
    "KAIDEN",
)
RANDOMS = ("NONRAN", "MIRROR", "R-RANDOM", "RANDOM", "S-RANDOM")
PERCENT = divided(100 * metric("score"), chart("notecount") * 2)

EX_SCORE_IS_SUM = Validator(
    "EX score must be twice the PGREATs plus the GREATs.",
    judgements_present("pgreat", "great")
    & (judgement("pgreat") * 2 + judgement("great") != metric("score")),
)


def tier(name: str) -> pl.Expr:
    """The value of one of the community's tier lists, null where the chart is not in it."""
    return chart(name).struct.field("value")


def normal() -> pl.Expr:
    """The tier of a CLEAR; the level where the chart has none."""
    return tier("ncTier").fill_null(LEVEL)


def hard() -> pl.Expr:
    """The tier of a HARD CLEAR, which is no lower."""
    return pl.max_horizontal(tier("hcTier").fill_null(0), normal())


def ex_hard() -> pl.Expr:
    """The tier of an EX HARD CLEAR, which is no lower still."""
    return pl.max_horizontal(tier("exhcTier").fill_null(0), hard())


def kt_lamp_rating_sp() -> pl.Expr:
    """The level at which the tier lists of the community put this lamp."""
    lamp = metric("lamp")
    return (
        pl.when(lamp.is_in(["FULL COMBO", "EX HARD CLEAR"]))
        .then(ex_hard())
        .when(lamp == "HARD CLEAR")
        .then(hard())
        .when(lamp == "CLEAR")
        .then(normal())
        .otherwise(0.0)
    )


def only_for(lamps: tuple[str, ...], value: pl.Expr) -> Rating:
    """A lamp rating that counts only some lamps; the others are worth nothing."""
    return Rating(pl.when(metric("lamp").is_in(lamps)).then(value).otherwise(0.0))


def kt_lamp_rating_dp() -> pl.Expr:
    """The tier of the chart, for every lamp from EASY CLEAR up."""
    cleared = ~metric("lamp").is_in(["NO PLAY", "FAILED", "ASSIST CLEAR"])
    return pl.when(cleared).then(tier("dpTier").fill_null(LEVEL)).otherwise(0.0)


def bpi() -> Rating:
    """Beat Power Index: 0 for the average Kaiden player's score, 100 for the world record's."""
    average, record = chart("kaidenAverage"), chart("worldRecord")
    score, maximum = metric("score"), 2 * chart("notecount")
    coefficient = chart("bpiCoefficient").fill_null(-1)
    power = pl.when(coefficient == -1).then(1.175).otherwise(coefficient)

    def pika(value: pl.Expr) -> pl.Expr:
        return (
            pl.when(value == maximum)
            .then(maximum * 0.8)
            .otherwise(0.5 / (1 - divided(value, maximum)))
        )

    ratio = (pika(score) / pika(average)).log() / (pika(record) / pika(average)).log()
    below = pl.max_horizontal(100 * -1 * ((-1 * ratio) ** power), -15.0)
    defined = average.is_not_null() & record.is_not_null()
    return Rating(
        value=pl.when(defined).then(
            pl.when(score < average).then(below).otherwise(100 * (ratio**power))
        ),
        throws=defined
        & (
            (average > maximum)
            | (record > maximum)
            | (average >= record)
            | (average <= 0)
            | (maximum <= 0)
            | (power <= 0)
            | (score > maximum)
            | (score < 0)
        ),
    )


SP = GPT(
    game="iidx",
    playtype="SP",
    name="beatmania IIDX",
    provided={"score": Integer(maximum=2 * chart("notecount")), "lamp": Enum(LAMPS)},
    derived={
        "percent": Decimal(0, 100, derive=PERCENT),
        "grade": Grade("percent", GRADES, value=PERCENT),
    },
    optional={
        **FAST_SLOW_MAXCOMBO,
        "bp": Integer(),
        "gauge": Decimal(0, 100),
        "comboBreak": Integer(),
        **{
            name: Graph(0, 100, nullable=True)
            for name in (
                "gaugeHistory",
                "scoreHistory",
                "gsmEasy",
                "gsmNormal",
                "gsmHard",
                "gsmEXHard",
            )
        },
    },
    judgements=("pgreat", "great", "good", "bad", "poor"),
    default_metric="percent",
    difficulties=DIFFICULTIES,
    versions=VERSIONS,
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    validators=(EX_SCORE_IS_SUM,),
    ratings={"ktLampRating": Rating(kt_lamp_rating_sp()), "BPI": bpi()},
    session_ratings={"ktLampRating": BestOf("ktLampRating", 10), "BPI": BestOf("BPI", 10)},
    profile_ratings={
        "ktLampRating": BestOf("ktLampRating", 20, mean=True),
        "BPI": BestOf("BPI", 20, mean=True, needs_all=True),
    },
    classes={"dan": Class(DANS)},
    personal_best=PersonalBest(
        "Best Score",
        by="percent",
        merges=(
            Merge(
                "Best Lamp",
                by="lamp",
                copies=(
                    "lamp",
                    *(
                        f"optional.{name}"
                        for name in (
                            "gsmEasy",
                            "gsmNormal",
                            "gsmHard",
                            "gsmEXHard",
                            "gauge",
                            "gaugeHistory",
                            "comboBreak",
                        )
                    ),
                ),
            ),
            Merge("Lowest BP", by="optional.bp", copies=("optional.bp",), smallest=True),
        ),
    ),
    fan_made="2dxtraSet",
    # The spelling of e-amusement's CSV, where v3 knows that it is another one.
    song_keys={"csv_title": SongKey("eamusementCsvTitle", is_title=True)},
    chart_data={
        "notecount": pl.Int64(),
        "kaidenAverage": pl.Int64(),
        "worldRecord": pl.Int64(),
        "bpiCoefficient": pl.Float64(),
        **{
            tier: pl.Struct({"value": pl.Float64()})
            for tier in ("ncTier", "hcTier", "exhcTier", "dpTier")
        },
    },
    score_meta={
        "random": OneOf(RANDOMS),
        "assist": OneOf(("AUTO SCRATCH", "LEGACY NOTE", "NO ASSIST", "FULL ASSIST")),
        "range": OneOf(("NONE", "HIDDEN+", "SUDDEN+", "LIFT", "LIFT SUD+", "SUD+ HID+")),
        "gauge": OneOf(("ASSISTED EASY", "EASY", "NORMAL", "HARD", "EX-HARD")),
    },
    goal_formats=ex_score_formats("up"),
)
DP = replace(
    SP,
    playtype="DP",
    ratings={**SP.ratings, "ktLampRating": Rating(kt_lamp_rating_dp())},
    score_meta={**SP.score_meta, "random": OneOf(RANDOMS, pair=True)},
)
GPTS = (SP, DP)


def in_v3(gpt: GPT, hard: pl.Expr, ex_hard: pl.Expr) -> GPT:
    """Two more lamp ratings, of which each counts from one kind of hard clear up."""
    more = {
        "ktLampRatingHC": only_for(LAMPS[5:], hard),
        "ktLampRatingEXHC": only_for(LAMPS[6:], ex_hard),
    }
    return gpt.in_v3(
        ranking=("score", "lamp", "optional.bp"),
        ratings={**gpt.ratings, **more},
        session_ratings={**gpt.session_ratings, **{name: BestOf(name, 10) for name in more}},
        profile_ratings={
            **gpt.profile_ratings,
            **{name: BestOf(name, 20, mean=True) for name in more},
        },
    )


V3 = (in_v3(SP, hard(), ex_hard()), in_v3(DP, kt_lamp_rating_dp(), kt_lamp_rating_dp()))
