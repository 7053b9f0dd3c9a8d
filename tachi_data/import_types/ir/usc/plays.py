"""USC-IR. The chart's hash and the playtype are in the URL; the client's timestamp is not trusted."""

from __future__ import annotations

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import Question, Route
from tachi_data.import_types.ir.usc.client import (
    PLAYTYPES,
    REPLAY,
    USC,
    heartbeat,
    keep_replay,
    knows_chart,
    leaderboard,
    options,
    record,
    reply,
)
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.records import checked
from tachi_data.records.schema import Bool, Int, Kind, Num, Object, OneOf, Str

WINDOWS = {"perfect": 46, "good": 150, "hold": 150, "miss": 300, "slam": 84}
GAUGES = {0: "NORMAL", 1: "HARD", 2: "PERMISSIVE"}
EXTRAS = ("early", "late", "combo")


def score_of(*, nullable: bool) -> Object:
    """Return the shape of the score. The client leaves out unknown values, which are stored as null."""
    members: dict[str, Kind] = {
        "score": Int(0, 10_000_000),
        "gauge": Num(0, 1),
        "timestamp": Int(0),
        **{name: Int(0) for name in ("crit", "near", "error")},
        **{name: Int(0, optional=True, nullable=nullable) for name in EXTRAS},
        "options": Object(
            members={
                "gaugeType": OneOf((0, 1, 2)),
                "mirror": Bool(),
                "random": Bool(),
                "autoFlags": Int(),
            }
        ),
        "windows": Object(members={name: Num(0) for name in WINDOWS}),
    }
    return Object(members=members)


def parse(source: Source) -> Parsed:
    """Return the one play."""
    chart_hash, playtype = source.options.get("chartHash"), source.options.get("playtype")
    if not isinstance(chart_hash, str):
        raise ImportFatal(400, "chartHash: expected the hash of a chart.")
    if playtype not in PLAYTYPES:
        raise ImportFatal(400, f"playtype: expected one of {', '.join(PLAYTYPES)}.")
    body = checked(source.data, Object(members={"score": score_of(nullable=False)}))
    score = {**body["score"], **{name: body["score"].get(name) for name in EXTRAS}}
    context = {"chartHash": chart_hash, "playtype": playtype, "timeReceived": source.now}
    return Parsed("usc", [score], context, playtype)


def lamp() -> pl.Expr:
    """Return the lamp that follows from the score, the errors and the gauge."""
    gauge, kind = x.raw("gauge"), x.raw("options.gaugeType")
    return (
        pl.when(x.raw("score") == 10_000_000)
        .then(pl.lit("PERFECT ULTIMATE CHAIN"))
        .when(x.raw("error") == 0)
        .then(pl.lit("ULTIMATE CHAIN"))
        .when((kind == 0) & (gauge >= 0.7))
        .then(pl.lit("CLEAR"))
        .when((kind == 1) & (gauge > 0))
        .then(pl.lit("EXCESSIVE CLEAR"))
        .otherwise(pl.lit("FAILED"))
    )


def note_mod() -> pl.Expr:
    """Return the note modifier: mirror, random, or both."""
    mirror, random = x.raw("options.mirror"), x.raw("options.random")
    return (
        pl.when(mirror & random)
        .then(pl.lit("MIR-RAN"))
        .when(mirror)
        .then(pl.lit("MIRROR"))
        .when(random)
        .then(pl.lit("RANDOM"))
        .otherwise(pl.lit("NORMAL"))
    )


WRONG_WINDOWS = pl.any_horizontal(
    x.raw(f"windows.{name}") != size for name, size in WINDOWS.items()
)
IMPORT_TYPES = (
    ImportType(
        id="ir/usc",
        title="USC-IR",
        games=("usc",),
        options=("chartHash", "playtype"),
        route=Route("/usc/{playtype}/scores", USC, options=options, reply=reply),
        questions=(
            Question("/usc/{playtype}", USC, heartbeat),
            Question("/usc/{playtype}/charts/{hash}", USC, knows_chart),
            Question("/usc/{playtype}/charts/{hash}/record", USC, record),
            Question("/usc/{playtype}/charts/{hash}/leaderboard", USC, leaderboard),
            Question("/usc/{playtype}/replays", USC, keep_replay, "POST", REPLAY),
        ),
        parse=parse,
        conversion=Conversion(
            record=score_of(nullable=True),
            context=Object(members={"chartHash": Str(), "playtype": Str(), "timeReceived": Int()}),
            match=x.by_chart_key("sha1", x.context("chartHash"), playtype=x.context("playtype")),
            rules=(
                x.invalid(
                    WRONG_WINDOWS, "The hit windows are not the standard ones.", after="reading"
                ),
                x.invalid(x.raw("options.autoFlags") != 0, "Autoplay was on.", after="reading"),
            ),
            columns={
                "score": x.raw("score"),
                "lamp": lamp(),
                "judgements.critical": x.raw("crit"),
                "judgements.near": x.raw("near"),
                "judgements.miss": x.raw("error"),
                "optional.gauge": x.raw("gauge") * 100,
                "optional.fast": x.raw("early"),
                "optional.slow": x.raw("late"),
                "optional.max_combo": x.raw("combo"),
                "service": pl.lit("USC-IR"),
                "time_achieved": x.milliseconds(x.context("timeReceived")),
                "score_meta": x.json_object(
                    gaugeMod=x.mapped(x.raw("options.gaugeType"), GAUGES), noteMod=note_mod()
                ),
            },
        ),
    ),
)
