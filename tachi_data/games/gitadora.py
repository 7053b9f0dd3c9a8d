"""GITADORA: guitar (Gita) and drums (Dora).

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

from tachi_data.games.goal_formats import percent_formats
from tachi_data.games.match_types import IN_GAME_ID, SONG_ID, SONG_TITLE
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
)
from tachi_data.games.words import LEVEL, divided, metric, outside

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "EXCELLENT")
GRADES = (("C", 0), ("B", 63), ("A", 73), ("S", 80), ("SS", 95), ("MAX", 100))
COLOURS = (
    "WHITE",
    "ORANGE",
    "ORANGE_GRD",
    "YELLOW",
    "YELLOW_GRD",
    "GREEN",
    "GREEN_GRD",
    "BLUE",
    "BLUE_GRD",
    "PURPLE",
    "PURPLE_GRD",
    "RED",
    "RED_GRD",
    "BRONZE",
    "SILVER",
    "GOLD",
    "RAINBOW",
)
PERCENT = metric("percent")
DRUM_DIFFICULTIES = ("BASIC", "ADVANCED", "EXTREME", "MASTER")
# Percent times level comes first: 0.7 at 8.5 gives 1.18, not 1.19.
SKILL = Rating(
    divided(((PERCENT * LEVEL) * 20).floor(), 100), throws=outside(PERCENT, 0, 100) | (LEVEL < 0)
)

GITA = GPT(
    game="gitadora",
    playtype="Gita",
    name="GITADORA",
    provided={"percent": Decimal(0, 100), "lamp": Enum(LAMPS)},
    derived={"grade": Grade("percent", GRADES)},
    optional={**FAST_SLOW_MAXCOMBO},
    judgements=("perfect", "great", "good", "ok", "miss"),
    default_metric="percent",
    difficulties=(*DRUM_DIFFICULTIES, *(f"BASS {name}" for name in DRUM_DIFFICULTIES)),
    versions=("konaste", "fuzzUp", "highVoltage", "nextage", "exchain", "matixx"),
    match_types=(SONG_TITLE, SONG_ID, IN_GAME_ID),
    ratings={"skill": SKILL},
    session_ratings={"skill": BestOf("skill", 10)},
    profile_ratings={"naiveSkill": BestOf("skill", 50)},
    classes={
        "colour": Class(
            COLOURS,
            derived_from="naiveSkill",
            thresholds=(None, *(float(b) for b in range(1000, 9000, 500))),
        )
    },
    personal_best=PersonalBest(
        "Best Percent", by="percent", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    goal_formats=percent_formats(),
)
GPTS = (GITA, replace(GITA, playtype="Dora", difficulties=DRUM_DIFFICULTIES))
V3 = tuple(gpt.in_v3(ranking=("percent", "lamp")) for gpt in GPTS)
