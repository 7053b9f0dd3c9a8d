"""SOUND VOLTEX on CG. The numbers of the lamps are others from NABLA on."""

from __future__ import annotations

import polars as pl

from tachi_data.games import sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.api.cg.game import COUNT, Game
from tachi_data.import_types.sdvx_clients import DIFFICULTIES, LAMPS, VERSIONS
from tachi_data.records.schema import Anything, Int

NABLA = 7
SDVX_LAMP = (
    pl.when(x.raw("version") == NABLA)
    .then(x.metric(sdvx.SINGLE, "lamp", x.raw("clearType"), dict(enumerate(sdvx.LAMPS, 1))))
    .otherwise(x.metric(sdvx.SINGLE, "lamp", x.raw("clearType"), LAMPS))
)
SDVX = Game(
    name="sdvx",
    path="sdvx",
    playtype="Single",
    members={
        "score": Int(0, 10_000_000),
        "exScore": COUNT,
        "clearType": COUNT,
        "scoreGrade": Anything(),
        **dict.fromkeys(("maxChain", "critical", "near", "error"), COUNT),
    },
    difficulty=x.difficulty(sdvx.SINGLE, x.raw("difficulty"), DIFFICULTIES),
    versions={**VERSIONS, NABLA: "nabla"},
    rules=(
        x.unreadable(SDVX_LAMP, x.raw("clearType"), "clearType: expected a number from 1 to 6"),
    ),
    columns={
        "score": x.raw("score"),
        "lamp": SDVX_LAMP,
        "judgements.critical": x.raw("critical"),
        "judgements.near": x.raw("near"),
        "judgements.miss": x.raw("error"),
        "optional.max_combo": x.raw("maxChain"),
        "optional.ex_score": x.unless(x.raw("exScore"), equals=0),
    },
)
