"""MÚSECA on CG. The lamp follows from the score and the errors."""

from __future__ import annotations

import polars as pl

from tachi_data.games import museca
from tachi_data.import_types import words as x
from tachi_data.import_types.api.cg.game import COUNT, MILLION, Game
from tachi_data.records.schema import Anything

MUSECA_DIFFICULTIES = dict(enumerate(("Green", "Yellow", "Red")))
MUSECA = Game(
    name="museca",
    path="msc",
    playtype="Single",
    members={
        "score": MILLION,
        "clearType": Anything(),
        "scoreGrade": Anything(),
        **dict.fromkeys(("maxChain", "critical", "near", "error"), COUNT),
    },
    difficulty=x.difficulty(museca.SINGLE, x.raw("difficulty"), MUSECA_DIFFICULTIES),
    versions={2: "1.5-b"},
    columns={
        "score": x.raw("score"),
        "lamp": pl.when(x.raw("score") == 1_000_000)
        .then(pl.lit("PERFECT CONNECT ALL"))
        .when(x.raw("score") < 800_000)
        .then(pl.lit("FAILED"))
        .when(x.raw("error") == 0)
        .then(pl.lit("CONNECT ALL"))
        .otherwise(pl.lit("CLEAR")),
        "judgements.critical": x.raw("critical"),
        "judgements.near": x.raw("near"),
        "judgements.miss": x.raw("error"),
        "optional.max_combo": x.raw("maxChain"),
    },
)
