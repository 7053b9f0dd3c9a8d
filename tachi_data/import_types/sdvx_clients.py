"""Look-ups that the hooks and networks of SOUND VOLTEX share."""

from __future__ import annotations

import polars as pl

from tachi_data.import_types import words as x

# The fourth difficulty has had many names; the game only says that it is the fourth.
FOURTH = "ANY_INF"
# Difficulties, versions and lamps by their numbers in the game.
DIFFICULTIES = dict(enumerate(("NOV", "ADV", "EXH", FOURTH, "MXM", "ULT")))
VERSIONS = dict(enumerate(("booth", "inf", "gw", "heaven", "vivid", "exceed"), 1))
LAMPS = dict(
    enumerate(
        (
            *("FAILED", "CLEAR", "EXCESSIVE CLEAR", "ULTIMATE CHAIN"),
            *("PERFECT ULTIMATE CHAIN", "MAXXIVE CLEAR"),
        ),
        1,
    )
)


def by_music_id(difficulty: pl.Expr, version: pl.Expr, key: str) -> dict[str, pl.Expr]:
    """Look up the chart with this in-game ID and difficulty in a version of the game."""
    music_id = x.raw(key).cast(pl.String)
    return x.by_chart_key("in_game_id", music_id, difficulty=difficulty, version=version)
