"""kshook, a hook for SOUND VOLTEX KONASTE: single plays, and an export of all personal bests."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import Call, Client, Reply, Route, success, under_error
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sdvx_clients import FOURTH, by_music_id
from tachi_data.records import checked
from tachi_data.records.schema import Anything, Bool, Int, ListOf, Num, Object, OneOf

DIFFICULTIES = {
    "DIFFICULTY_NOVICE": "NOV",
    "DIFFICULTY_ADVANCED": "ADV",
    "DIFFICULTY_EXHAUST": "EXH",
    "DIFFICULTY_INFINITE": FOURTH,
    "DIFFICULTY_MAXIMUM": "MXM",
}
LAMPS = {
    "CLEAR_PLAYED": "FAILED",
    "CLEAR_EFFECTIVE": "CLEAR",
    "CLEAR_EXCESSIVE": "EXCESSIVE CLEAR",
    "CLEAR_MAXXIVE": "MAXXIVE CLEAR",
    "CLEAR_ULTIMATE_CHAIN": "ULTIMATE CHAIN",
    "CLEAR_PERFECT": "PERFECT ULTIMATE CHAIN",
}
GRADES = ("D", "C", "B", "A", "A_PLUS", "AA", "AA_PLUS", "AAA", "AAA_PLUS", "S")
SOFTWARE = re.compile(r"QCV:[A-Z]:[A-Z]:[A-Z]:[0-9]{10}")
RATES = ("EFFECTIVE", "PERMISSIVE", "EXCESSIVE", "BLASTIVE", "MAXXIVE")
BEST = {
    "clear": OneOf(tuple(LAMPS)),
    "difficulty": OneOf(tuple(DIFFICULTIES)),
    "grade": OneOf(tuple(f"GRADE_{grade}" for grade in GRADES)),
    "max_chain": Int(0),
    "music_id": Int(0),
    "score": Int(0, 10_000_000),
    "ex_score": Int(0),
}
PLAY = Object(
    members={
        **BEST,
        "gauge": Num(0, 10_000),
        **{name: Int(0) for name in ("critical", "near", "error", "track_no")},
        "rate": OneOf(tuple(f"RATE_{rate}" for rate in RATES)),
        "retry_count": Anything(),
    }
)
EXPORTED = Object(members={**BEST, "timestamp": Int(0)})
MATCH = by_music_id(
    x.difficulty(sdvx.SINGLE, x.raw("difficulty"), DIFFICULTIES), pl.lit("konaste"), "music_id"
)
COLUMNS = {
    "score": x.raw("score"),
    "lamp": x.metric(sdvx.SINGLE, "lamp", x.raw("clear"), LAMPS),
    "optional.max_combo": x.raw("max_chain"),
    "optional.ex_score": x.raw("ex_score"),
}


def parse_play(source: Source) -> Parsed:
    """Return the one play; its time is the time of receipt."""
    return Parsed("sdvx", [source.data], {"timeReceived": source.now}, "Single")


def parse_export(source: Source) -> Parsed:
    """Return all personal bests."""
    body = checked(source.data, Object(members={"scores": ListOf()}))
    return Parsed("sdvx", body["scores"], {}, "Single")


def check(call: Call) -> None:
    """Check the names of the hook and the game."""
    if not call.headers.get("user-agent", "").startswith("kshook/"):
        raise ImportFatal(400, "User-Agent: expected kshook/ and a version.")
    software = call.headers.get("x-software-model", "")
    if not SOFTWARE.fullmatch(software):
        raise ImportFatal(400, "X-Software-Model: expected the software ID of KONASTE.")


def wants_export(call: Call) -> dict[str, Any] | Reply:
    """Take the export if the player asked for it; the hook sends it at each start."""
    if call.settings.get("forceStaticImport"):
        return {}
    return success("The export was not asked for, so it is not imported.", {})


KSHOOK = Client(
    "kamai", check, under_error, name="kshook-sv6c", settings={"forceStaticImport": Bool()}
)
IMPORT_TYPES = (
    ImportType(
        id="ir/kshook-sv6c",
        title="kshook SV6C",
        games=("sdvx",),
        route=Route("/kshook/sv6c/score/save", KSHOOK),
        parse=parse_play,
        conversion=Conversion(
            record=PLAY,
            refuses="all",
            context=Object(members={"timeReceived": Int()}),
            match=MATCH,
            columns={
                **COLUMNS,
                "judgements.critical": x.raw("critical"),
                "judgements.near": x.raw("near"),
                "judgements.miss": x.raw("error"),
                # In hundredths of a percent.
                "optional.gauge": x.divided(x.raw("gauge"), 100),
                "service": pl.lit("kshook SV6C"),
                "time_achieved": x.milliseconds(x.context("timeReceived")),
            },
        ),
    ),
    ImportType(
        id="ir/kshook-sv6c-static",
        title="kshook SV6C export",
        games=("sdvx",),
        route=Route(
            "/kshook/sv6c/score/export",
            KSHOOK,
            options=wants_export,
            consumes=("forceStaticImport",),
        ),
        parse=parse_export,
        conversion=Conversion(
            record=EXPORTED,
            refuses="all",
            path="scores",
            match=MATCH,
            columns={
                **COLUMNS,
                "service": pl.lit("kshook SV6C Static"),
                "time_achieved": x.seconds(x.unless(x.raw("timestamp"), equals=0)),
            },
        ),
    ),
)
