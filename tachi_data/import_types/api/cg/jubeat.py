"""jubeat on CG. Any number of bits of ``clearFlag`` may be set; the highest counts."""

from __future__ import annotations

import polars as pl

from tachi_data.games import jubeat
from tachi_data.import_types import words as x
from tachi_data.import_types.api.cg.game import COUNT, MILLION, Game
from tachi_data.records.schema import Anything, Bool, Int

# Any number of bits may be set; the highest of these counts. Numbers may come as text.
FLAG = x.natural(x.raw("clearFlag").str.strip_chars('"'))
JUBEAT_LAMP = (
    pl.when(FLAG & 8 > 0)
    .then(pl.lit("EXCELLENT"))
    .when(FLAG & 4 > 0)
    .then(pl.lit("FULL COMBO"))
    .when(FLAG & 2 > 0)
    .then(pl.lit("CLEAR"))
    .when(FLAG & 1 > 0)
    .then(pl.lit("FAILED"))
)
JUBEAT = Game(
    name="jubeat",
    path="jb",
    playtype="Single",
    members={
        "score": MILLION,
        "hardMode": Bool(),
        **{f"{name}Count": COUNT for name in ("perfect", "great", "good", "poor", "miss")},
        "musicRate": Int(0, 1200),
        "clearFlag": Anything(as_json=True),
    },
    difficulty=pl.when(x.raw("hardMode")).then(pl.lit("HARD ")).otherwise(pl.lit(""))
    + x.difficulty(jubeat.SINGLE, x.raw("difficulty"), dict(enumerate(("BSC", "ADV", "EXT")))),
    versions=dict(
        enumerate(
            (
                *("jubeat", "ripples", "knit", "copious", "saucer", "prop", "qubell", "clan"),
                *("festo", "festo", "ave"),
            ),
            1,
        )
    ),
    has_versions=False,
    rules=(
        x.unreadable(
            JUBEAT_LAMP,
            x.raw("clearFlag"),
            "clearFlag: expected one of the lowest four bits",
            after="reading",
        ),
    ),
    columns={
        "score": x.raw("score"),
        "music_rate": x.divided(x.raw("musicRate"), 10),
        "lamp": JUBEAT_LAMP,
        **{
            f"judgements.{name}": x.raw(f"{name}Count")
            for name in ("perfect", "great", "good", "poor", "miss")
        },
    },
)
