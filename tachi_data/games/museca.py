"""MÚSECA.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from tachi_data.games.goal_formats import score_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Enum,
    Grade,
    Integer,
    Merge,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import LEVEL, divided, judgement, metric, outside

LAMPS = ("FAILED", "CLEAR", "CONNECT ALL", "PERFECT CONNECT ALL")
GRADES = (
    ("没", 0),
    ("拙", 600_000),
    ("凡", 700_000),
    ("佳", 800_000),
    ("良", 850_000),
    ("優", 900_000),
    ("秀", 950_000),
    ("傑", 975_000),
    ("傑G", 1_000_000),
)
SCORE, LAMP = metric("score"), metric("lamp")
PERFECT = LAMP == "PERFECT CONNECT ALL"

SINGLE = GPT(
    game="museca",
    playtype="Single",
    name="MÚSECA",
    provided={"score": Integer(0, 1_000_000), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("score", GRADES)},
    optional={**FAST_SLOW_MAXCOMBO},
    judgements=("critical", "near", "miss"),
    default_metric="score",
    difficulties=("Green", "Yellow", "Red"),
    versions=("1.5", "1.5-b", "m+"),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    validators=(
        Validator(
            "PERFECT CONNECT ALL goes with a score of 1,000,000, and the other way round.",
            (SCORE == 1_000_000) != PERFECT,
        ),
        Validator(
            "A PERFECT CONNECT ALL cannot have misses or nears, a CONNECT ALL no misses.",
            (PERFECT & (judgement("miss") + judgement("near") != 0))
            | ((LAMP == "CONNECT ALL") & (judgement("miss") != 0)),
        ),
        Validator(
            "A score below 800,000 must be FAILED, any other must not.",
            (SCORE < 800_000) != (LAMP == "FAILED"),
        ),
    ),
    ratings={
        "curatorSkill": Rating(
            (LEVEL * divided(SCORE, 10_000)).floor(),
            throws=outside(SCORE, 0, 1_000_000) | (LEVEL < 0),
            decimals=0,
        )
    },
    session_ratings={"curatorSkill": BestOf("curatorSkill", 10)},
    profile_ratings={"curatorSkill": BestOf("curatorSkill", 20)},
    personal_best=PersonalBest(
        "Best Score", by="score", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    goal_formats=score_formats(),
)
GPTS = (SINGLE,)
V3 = (SINGLE.in_v3(ranking=("score", "lamp")),)
