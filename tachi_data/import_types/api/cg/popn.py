"""pop'n music on CG. Battle charts do not count."""

from __future__ import annotations

import polars as pl

from tachi_data.games import popn
from tachi_data.import_types import words as x
from tachi_data.import_types.api.cg.game import COUNT, Game

POPN_DIFFICULTIES = dict(enumerate(("Easy", "Normal", "Hyper", "EX")))
MEDAL = x.metric(
    popn.NINE_BUTTONS, "clearMedal", x.raw("clearFlag"), dict(enumerate(popn.MEDALS, 1))
)
POPN = Game(
    name="popn",
    path="popn",
    playtype="9B",
    members={
        "score": COUNT,
        "clearFlag": COUNT,
        **{f"{name}Count": COUNT for name in ("cool", "great", "good", "bad")},
    },
    difficulty=x.difficulty(popn.NINE_BUTTONS, x.raw("difficulty"), POPN_DIFFICULTIES),
    versions={25: "peace", 26: "kaimei", 27: "unilab", 28: "jamfizz"},
    rules=(
        x.skip(x.raw("difficulty").is_in([4, 5]), "Battle charts do not count."),
        x.invalid(
            x.raw("score") > 100_000,
            pl.format("score: expected at most 100000, got {}.", x.raw("score")),
            after="reading",
        ),
        x.unreadable(MEDAL, x.raw("clearFlag"), "clearFlag: expected a medal from 1 to 11"),
    ),
    columns={
        "score": x.raw("score"),
        "clear_medal": MEDAL,
        **{
            f"judgements.{name}": x.raw(f"{name}Count") for name in ("cool", "great", "good", "bad")
        },
    },
)
