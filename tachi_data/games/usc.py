"""USC (unnamed SDVX clone), with a controller or a keyboard. Scored and rated like SOUND VOLTEX.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

from tachi_data.games import sdvx
from tachi_data.games.match_types import SONG_ID, chart_hash
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    Decimal,
    Enum,
    Integer,
    Merge,
    OneOf,
    PersonalBest,
)

LAMPS = tuple(lamp for lamp in sdvx.LAMPS if lamp != "MAXXIVE CLEAR")
CONTROLLER = replace(
    sdvx.SINGLE,
    game="usc",
    playtype="Controller",
    name="USC",
    provided={"score": Integer(0, 10_000_000), "lamp": Enum(LAMPS)},
    optional={**FAST_SLOW_MAXCOMBO, "gauge": Decimal(0, 100)},
    difficulties=("NOV", "ADV", "EXH", "INF"),
    difficulty_aliases={},
    versions=(),
    match_types=(SONG_ID, chart_hash("uscChartHash", "sha1")),
    classes={"vfClass": sdvx.VF_CLASS},
    personal_best=PersonalBest(
        "Best Score", by="score", merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),)
    ),
    score_meta={
        "noteMod": OneOf(("MIR-RAN", "MIRROR", "NORMAL", "RANDOM")),
        "gaugeMod": OneOf(("NORMAL", "HARD", "PERMISSIVE")),
    },
)
GPTS = (CONTROLLER, replace(CONTROLLER, playtype="Keyboard"))
V3 = tuple(
    gpt.in_v3(
        ranking=("score", "lamp"),
        ratings=sdvx.RATINGS_V3,
        session_ratings=sdvx.SESSION_RATINGS_V3,
        profile_ratings=sdvx.PROFILE_RATINGS_V3,
        classes={"vfClass": sdvx.VF_CLASS_V3},
    )
    for gpt in GPTS
)
