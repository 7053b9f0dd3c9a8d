"""Barbatos, a hook for SOUND VOLTEX. Two shapes: of VIVID WAVE, and with EX scores of EXCEED GEAR.

MAXXIVE CLEAR and the difficulty ULT cannot be sent.
"""

from __future__ import annotations

import polars as pl

from tachi_data.games import sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import Client, Route
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sdvx_clients import FOURTH, by_music_id
from tachi_data.records import checked
from tachi_data.records.schema import Anything, Bool, Int, Num, Object, OneOf, Str

DIFFICULTIES = {0: "NOV", 1: "ADV", 2: "EXH", 3: FOURTH, 4: "MXM"}
LAMPS = {
    1: "FAILED",
    2: "CLEAR",
    3: "EXCESSIVE CLEAR",
    4: "ULTIMATE CHAIN",
    5: "PERFECT ULTIMATE CHAIN",
}
BOTH = {
    "difficulty": OneOf((0, 1, 2, 3, 4)),
    "level": Int(1, 20),
    "song_id": Int(0),
    "score": Int(0, 10_000_000),
    "clear_type": OneOf((1, 2, 3, 4, 5)),
    "percent": Num(0, 100),
    "max_chain": Int(0),
    "gauge_type": OneOf((0, 1, 2, 3)),
}
OLD = {
    **{name: Int(0) for name in ("critical", "near_total", "near_fast", "near_slow", "error")},
    "did_fail": Bool(),
    "is_skill_analyzer": Bool(),
}
COUNTS = (
    "early_error", "early_near", "early_crit", "s_crit", "late_crit", "late_near", "late_error", "chip_s_crit",
    "chip_crit", "chip_near", "chip_error", "long_crit", "long_error", "vol_crit", "vol_error",
)  # fmt: skip
NEW = {"ex_score": Int(0), "grade": Anything(), **{name: Int(0) for name in COUNTS}}


def parse(source: Source) -> Parsed:
    """Return the play. The key ``ex_score`` tells the two shapes apart."""
    is_new = isinstance(source.data, dict) and "ex_score" in source.data
    body = checked(source.data, Object(strict=True, members={**BOTH, **(NEW if is_new else OLD)}))
    context = {"timeReceived": source.now, "version": "exceed" if is_new else "vivid"}
    return Parsed(game="sdvx", playtype="Single", datapoints=[body], context=context)


def either(new: pl.Expr, old: pl.Expr) -> pl.Expr:
    """Return one of two values by the shape of the record."""
    return pl.when(x.raw("ex_score").is_not_null()).then(new).otherwise(old)


MAYBE = {name: type(kind)(0, optional=True) for name, kind in OLD.items() if isinstance(kind, Int)}
RECORD = Object(
    members={
        **BOTH,
        **MAYBE,
        "did_fail": Bool(optional=True),
        "is_skill_analyzer": Bool(optional=True),
        **{name: Int(optional=True) for name in ("ex_score", *COUNTS)},
    }
)
IMPORT_TYPES = (
    ImportType(
        id="ir/barbatos",
        title="Barbatos",
        games=("sdvx",),
        route=Route("/barbatos/score/submit", Client("kamai")),
        parse=parse,
        conversion=Conversion(
            record=RECORD,
            context=Object(members={"timeReceived": Int(), "version": Str()}),
            match=by_music_id(
                x.difficulty(sdvx.SINGLE, x.raw("difficulty"), DIFFICULTIES),
                x.context("version"),
                "song_id",
            ),
            columns={
                "score": x.raw("score"),
                "lamp": x.metric(sdvx.SINGLE, "lamp", x.raw("clear_type"), LAMPS),
                "judgements.critical": either(
                    x.raw("early_crit") + x.raw("s_crit") + x.raw("late_crit"), x.raw("critical")
                ),
                "judgements.near": either(x.raw("chip_near"), x.raw("near_total")),
                "judgements.miss": either(
                    x.raw("early_error") + x.raw("late_error"), x.raw("error")
                ),
                "optional.fast": either(x.raw("early_near"), x.raw("near_fast")),
                "optional.slow": either(x.raw("late_near"), x.raw("near_slow")),
                "optional.gauge": x.raw("percent"),
                "optional.max_combo": x.raw("max_chain"),
                "optional.ex_score": x.raw("ex_score"),
                "service": pl.format("Barbatos ({})", x.context("version")),
                "time_achieved": x.milliseconds(x.context("timeReceived")),
                "score_meta": x.json_object(inSkillAnalyser=x.raw("is_skill_analyzer")),
            },
        ),
    ),
)
