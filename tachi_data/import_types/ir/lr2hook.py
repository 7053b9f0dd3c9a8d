"""LR2hook, a hook for Lunatic Rave 2 (BMS). It sends no facts about charts, only their hash."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.games import bms
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import (
    Call,
    Client,
    Question,
    Reply,
    Route,
    Stored,
    envelope,
    not_cleared,
    reach,
    success,
)
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.records import checked
from tachi_data.records.schema import Int, ListOf, Object, OneOf, Str

LAMPS = {
    "NO PLAY": "NO PLAY",
    "FAIL": "FAILED",
    "EASY": "EASY CLEAR",
    "NORMAL": "CLEAR",
    "HARD": "HARD CLEAR",
    "FULL COMBO": "FULL COMBO",
}
GAUGES = {
    "EASY": "EASY",
    "GROOVE": "NORMAL",
    "HARD": "HARD",
    "HAZARD": "HARD",
    "P-ATTACK": "HARD",
    "G-ATTACK": "HARD",
}
RANDOMS = {"NORAN": "NONRAN", "MIRROR": "MIRROR", "RAN": "RANDOM", "S-RAN": "S-RANDOM"}
JUDGEMENTS = ("pgreat", "great", "good", "bad", "poor")
TIMINGS = ("epg", "lpg", "egr", "lgr", "egd", "lgd", "ebd", "lbd", "epr", "lpr")
GRAPH = ListOf(Int(0, 100), size=1000)
MAYBE: dict[str, Any] = {"optional": True, "nullable": True}
RECORD = Object(
    members={
        "md5": Str(),
        "playerData": Object(
            members={
                "autoScr": OneOf((0,)),
                "random": OneOf(tuple(RANDOMS)),
                "gauge": OneOf(tuple(GAUGES)),
                "rseed": Int(0, 32_766, optional=True),
            }
        ),
        "scoreData": Object(
            members={
                **{name: Int(0) for name in JUDGEMENTS},
                **{
                    n: Int(0)
                    for n in ("maxCombo", "exScore", "moneyScore", "notesTotal", "notesPlayed")
                },
                "lamp": OneOf(tuple(LAMPS)),
                "hpGraph": GRAPH,
                "extendedJudgements": Object(
                    members={
                        name: Int(0) for name in (*TIMINGS, "cb", "fast", "slow", "notesPlayed")
                    },
                    **MAYBE,
                ),
                "extendedHpGraphs": Object(
                    members=dict.fromkeys(
                        ("groove", "hard", "hazard", "easy", "pattack", "gattack"), GRAPH
                    ),
                    **MAYBE,
                ),
            }
        ),
        "unixTimestamp": Int(0, optional=True),
    }
)


def parse(source: Source) -> Parsed:
    """Return the one play."""
    return Parsed("bms", [source.data], {"timeReceived": source.now})


def take_course(call: Call, stored: Stored) -> Reply:
    """Take a dan course, which is sent like a play; its hash joins the hashes of its charts."""
    body = checked(call.body, RECORD)
    score = body["scoreData"]
    counts = {name: score[name] for name in ("notesPlayed", "notesTotal")}
    if counts["notesPlayed"] != counts["notesTotal"]:
        return success("The course was not played to the end.", counts)
    if score["lamp"] not in ("NORMAL", "HARD", "FULL COMBO"):
        return not_cleared()
    if body["playerData"]["random"] not in ("NORAN", "MIRROR"):
        return envelope(400, "Courses are played without random.")
    return reach(stored, "bms", body["md5"])


def play(name: str) -> pl.Expr:
    """Return a member of ``scoreData``."""
    return x.raw(f"scoreData.{name}")


def extended(name: str) -> pl.Expr:
    """Return a member of the extended judgements, which not every version sends."""
    return play(f"extendedJudgements.{name}")


def bad_and_poor() -> pl.Expr:
    """Return the bad and poor notes. Unplayed notes count as poor; null where their number is unknown."""
    missed = play("bad") + play("poor")
    return (
        pl.when(extended("notesPlayed").is_not_null())
        .then(missed + play("notesTotal") - extended("notesPlayed"))
        .when(play("notesPlayed") == play("notesTotal"))
        .then(missed)
    )


RANDOM = pl.when(pl.col("chart.playtype") == "7K").then(
    x.mapped(x.raw("playerData.random"), RANDOMS)
)
LR2HOOK = Client("boku")
IMPORT_TYPES = (
    ImportType(
        id="ir/lr2hook",
        title="LR2Hook",
        games=("bms",),
        route=Route("/lr2hook/import", LR2HOOK),
        questions=(Question("/lr2hook/import/course", LR2HOOK, take_course, "POST"),),
        parse=parse,
        conversion=Conversion(
            record=RECORD,
            refuses="all",
            context=Object(members={"timeReceived": Int()}),
            match=x.by_chart_key("bms_hash", x.raw("md5"), playtype=x.ANY_PLAYTYPE),
            columns={
                "score": play("exScore"),
                "lamp": x.metric(bms.SEVEN_KEYS, "lamp", play("lamp"), LAMPS),
                **{f"judgements.{name}": play(name) for name in JUDGEMENTS},
                "optional.bp": bad_and_poor(),
                "optional.max_combo": play("maxCombo"),
                "optional.gauge": play("hpGraph").list.last(),
                "optional.gauge_history": play("hpGraph"),
                **{f"optional.{name}": extended(name) for name in (*TIMINGS, "fast", "slow")},
                **{
                    f"optional.gauge_history_{n}": play(f"extendedHpGraphs.{n}")
                    for n in ("easy", "groove", "hard")
                },
                "service": pl.lit("LR2Hook"),
                "time_achieved": x.milliseconds(
                    pl.coalesce(x.raw("unixTimestamp") * 1000, x.context("timeReceived"))
                ),
                "score_meta": x.json_object(
                    gauge=x.mapped(x.raw("playerData.gauge"), GAUGES),
                    random=RANDOM,
                    client=pl.lit("LR2"),
                ),
            },
        ),
    ),
)
