"""A game that declares everything a game can have."""

from dataclasses import replace

import polars as pl

from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import (
    IN_GAME_ID,
    IN_GAME_TEXT_ID,
    SONG_ID,
    SONG_TITLE,
    MatchType,
    chart_hash,
)
from tachi_data.games.model import (
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
    Special,
    Validator,
)
from tachi_data.games.words import LEVEL, chart, divided, judgement, metric

LAMPS = ("FAILED", "CLEAR", "FULL COMBO")
GRADES = (("F", None), ("C", 0), ("B", 500_000), ("A", 800_000), ("S", 950_000))
FAILED = metric("lamp") == "FAILED"


def springs(pbs: pl.DataFrame) -> pl.DataFrame:
    """How many songs of spring a player has played."""
    spring = pbs.filter(pl.col("song.season") == "spring")
    return spring.group_by("user_id").agg(value=pl.len().cast(pl.Float64))


LEFT = GPT(
    game="lavish",
    playtype="Left",
    name="Lavish",
    provided={"score": Integer(maximum=2 * chart("noteCount")), "lamp": Enum(LAMPS)},
    derived={
        "percent": Decimal(0, 100, derive=divided(50 * metric("score"), chart("noteCount"))),
        "grade": Grade("score", GRADES, cases=((FAILED, "F"),)),
    },
    optional={
        "maxCombo": Integer(in_score_id=True),
        "gauge": Decimal(0, 1),
        "gauges": Graph(0, 100, nullable=True),
    },
    judgements=("good", "miss"),
    default_metric="score",
    difficulties=("EASY", "HARD", "HARD+"),
    difficulty_aliases={"ANY HARD": ("HARD", "HARD+")},
    unsupported_difficulties={"WILD": "WILD charts are not supported."},
    versions=("1", "2"),
    match_types=(
        SONG_TITLE,
        SONG_ID,
        replace(IN_GAME_ID, aliases=True),
        IN_GAME_TEXT_ID,
        MatchType(name="discHash", finds="song", key="disc_hash"),
        chart_hash("tapeHash", "tape_hash", playtype="compared"),
    ),
    personal_best=PersonalBest(
        "Best Score",
        by="score",
        merges=(
            Merge("Best Lamp", by="lamp", copies=("lamp",)),
            Merge("Best Combo", by="optional.maxCombo", copies=("optional.maxCombo",)),
        ),
        ranking=("score", "lamp"),
    ),
    ratings={"power": Rating(divided(LEVEL * metric("score"), 1_000_000), throws=LEVEL < 0)},
    session_ratings={"power": BestOf("power", 1)},
    profile_ratings={
        "power": BestOf("power", 2, mean=True),
        "springs": Special(springs, otherwise=0.0, needs=("song.season",)),
    },
    classes={
        "dan": Class(("FIRST", "SECOND")),
        "colour": Class(("WHITE", "RED"), derived_from="power", thresholds=(None, 3)),
    },
    validators=(Validator("A FULL COMBO has no misses.", ~FAILED & (judgement("miss") > 1_000)),),
    chart_data={"noteCount": pl.Int64()},
    song_data={"season": pl.String()},
    song_keys={"disc_hash": SongKey("discHash", needs_charts=True)},
    chart_keys={"tape_hash": ("tapeHash", "coverHash")},
    fan_made="fanSet",
    grows=True,
    score_meta={"hand": OneOf(("left", "right"))},
    goal_formats=score_formats(),
)
GPTS = (LEFT, replace(LEFT, playtype="Right"))
