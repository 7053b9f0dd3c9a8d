"""beatmania IIDX on CG. The options of a play are bits, which moved up with HEROIC VERSE."""

from __future__ import annotations

import polars as pl

from tachi_data.games import iidx
from tachi_data.import_types import words as x
from tachi_data.import_types.api.cg.game import COUNT, Game
from tachi_data.import_types.iidx_clients import SONG_OF
from tachi_data.records.schema import Anything, Int, Str

DIFFICULTIES = {"N": "NORMAL", "H": "HYPER", "A": "ANOTHER", "L": "LEGGENDARIA"}
VERSIONS = {
    **{number: str(number) for number in range(20, 27)},
    **{number: f"{number}-omni" for number in range(27, 33)},
    33: "33",
}
COPULA, HEROIC_VERSE = 23, 27
# Each with its bit before HEROIC VERSE and since.
RANDOMS = {"RANDOM": (18, 39), "R-RANDOM": (19, 40), "S-RANDOM": (20, 41), "MIRROR": (21, 42)}
GAUGES = {"ASSISTED EASY": (14, 35), "EASY": (15, 36), "HARD": (16, 37), "EX-HARD": (17, 38)}

CHART, VERSION = x.raw("difficulty"), x.raw("version")
PLAYTYPE = pl.when(CHART.str.starts_with("S")).then(pl.lit("SP")).otherwise(pl.lit("DP"))
# Some old LEGGENDARIA charts were songs of their own, and still have those IDs there.
LEGACY = x.mapped(x.raw("internalId"), SONG_OF)
DIFFICULTY = x.difficulty(iidx.SP, CHART.str.slice(2, 1), DIFFICULTIES)
LAMP = x.metric(iidx.SP, "lamp", x.raw("clearType"), dict(enumerate(iidx.LAMPS)))


def first_set(option: str, bits: dict[str, tuple[int, int]]) -> pl.Expr:
    """Return the first of the names whose bit is set; null where none is."""
    value = x.raw(option)

    def is_set(bit: int) -> pl.Expr:
        return (value & pl.lit(1 << bit, dtype=pl.Int64)) != 0

    return pl.coalesce(
        pl.when(pl.when(VERSION < HEROIC_VERSE).then(is_set(before)).otherwise(is_set(since))).then(
            pl.lit(name)
        )
        for name, (before, since) in bits.items()
    )


def score_meta() -> pl.Expr:
    """Return the options of a play; a gauge is that of the left side, and only there if it is a special one."""
    left, right = (first_set(f"option{side}", RANDOMS).fill_null("NONRAN") for side in (1, 2))
    gauge = first_set("option1", GAUGES)

    def with_gauge(random: pl.Expr) -> pl.Expr:
        both, alone = x.json_object(random=random, gauge=gauge), x.json_object(random=random)
        return pl.when(gauge.is_null()).then(alone).otherwise(both)

    return (
        pl.when(VERSION < COPULA)
        .then(pl.lit("{}"))
        .when(PLAYTYPE == "SP")
        .then(with_gauge(left))
        .otherwise(with_gauge(pl.concat_list(left, right)))
    )


IIDX = Game(
    name="iidx",
    path="iidx",
    playtype=None,
    members={
        "difficulty": Str(),
        **dict.fromkeys(("exScore", "clearType", "perfectCount", "greatCount"), COUNT),
        "missCount": Int(0, also=(-1,)),
        **dict.fromkeys(("option1", "option2"), COUNT),
        **dict.fromkeys(("dead", "ghost", "ghostGauge"), Anything()),
    },
    difficulty=pl.when(LEGACY.is_null())
    .then(DIFFICULTY)
    .otherwise(pl.when(DIFFICULTY.is_not_null()).then(pl.lit("LEGGENDARIA"))),
    versions=VERSIONS,
    version_first=True,
    rules=(
        x.skip(CHART.str.slice(2, 1) == "B", "BEGINNER charts do not count."),
        x.unreadable(LAMP, x.raw("clearType"), "clearType: expected a number from 0 to 7"),
    ),
    match={
        "chart_key": pl.coalesce(LEGACY, x.raw("internalId")).cast(pl.String),
        "playtype": PLAYTYPE,
        "official_only": pl.lit(True),
    },
    columns={
        "score": x.raw("exScore"),
        "lamp": LAMP,
        "judgements.pgreat": x.raw("perfectCount"),
        "judgements.great": x.raw("greatCount"),
        "optional.bp": x.unless(x.raw("missCount"), equals=-1),
        "score_meta": score_meta(),
    },
)
