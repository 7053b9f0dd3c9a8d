"""MYT, a network for CHUNITHM, maimai DX, ONGEKI and WACCA, over gRPC.

A card leads to a profile per game; the whole history of plays comes as a stream of messages. Their
numbers are 0 where nothing was sent, so a missing `info` or `judge` is what tells an empty play.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import GPT, chunithm, maimaidx, ongeki, wacca
from tachi_data.import_types import words as x
from tachi_data.import_types.api.myt.client import LOOKUP, fetch, player_of
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Rule, Service, Source
from tachi_data.import_types.sources.web import recording_of
from tachi_data.records.schema import Bool, Int, Kind, ListOf, Object, Str

NUMBER = Int(optional=True)


def message(*, numbers: Sequence[str] = (), flags: Sequence[str] = (), **more: Kind) -> Object:
    """Return the shape of a message, which may be absent. Members that are not read are not listed."""
    members = {
        **dict.fromkeys(numbers, NUMBER),
        **dict.fromkeys(flags, Bool(optional=True)),
        **more,
    }
    return Object(members=members, optional=True, nullable=True)


def item(info: Object, judge: Sequence[str]) -> Object:
    """Return the shape of an item of a stream of plays."""
    return Object(members={"info": info, "judge": message(numbers=judge)})


def time_of(path: str) -> dict[str, pl.Expr]:
    """Return the time of a play."""
    return {"service": pl.lit("MYT"), "time_achieved": x.date(x.raw(path))}


def known(value: pl.Expr, path: str) -> Rule:
    """Return the rule that refuses a number without a meaning."""
    name = path.rpartition(".")[2]
    return x.unreadable(value, x.raw(path), f"{name}: expected a known number", after="reading")


def is_absent(*paths: str) -> Rule:
    """Return the rule that refuses plays without one of their parts, each given by a member that is always in it."""
    return x.invalid(
        pl.any_horizontal(x.raw(path).is_null() for path in paths),
        "The play comes without its info or its judgements.",
        after="reading",
    )


def by_id(path: str, difficulty: pl.Expr) -> dict[str, pl.Expr]:
    """Look up the chart with this in-game ID and difficulty, of any version."""
    return x.by_chart_key("in_game_id", x.raw(path).cast(pl.String), difficulty=difficulty)


def level(gpt: GPT, path: str, listed: Sequence[str]) -> pl.Expr:
    """Return the difficulty at a position; 0 stands for none."""
    return x.difficulty(gpt, x.raw(path), dict(enumerate(listed, 1)))


def lamp(gpt: GPT, metric: str, path: str, listed: Sequence[str]) -> pl.Expr:
    """Return the value of a metric at a position; 0 stands for none."""
    return x.metric(gpt, metric, x.raw(path), dict(enumerate(listed, 1)))


# --- CHUNITHM -------------------------------------------------------------------------------------

CHUNITHM_LEVEL = level(
    chunithm.SINGLE, "info.level", ("BASIC", "ADVANCED", "EXPERT", "MASTER", "ULTIMA")
)
# The one chart of a song of WORLD'S END, whatever its difficulty is called.
IS_WORLDS_END = x.raw("info.level") == 6
CLEAR = lamp(chunithm.SINGLE, "clearLamp", "info.clearStatus", chunithm.CLEAR_LAMPS)
NOTE = lamp(chunithm.SINGLE, "noteLamp", "info.comboStatus", chunithm.NOTE_LAMPS)
CHUNITHM = Conversion(
    record=item(
        message(
            numbers=("musicId", "level", "score", "comboStatus", "clearStatus"),
            userPlayDate=Str(optional=True),
        ),
        ("judgeHeaven", "judgeCritical", "judgeJustice", "judgeAttack", "judgeMiss", "maxCombo"),
    ),
    rules=(
        is_absent("info.level", "judge.judgeMiss"),
        known(
            pl.when(IS_WORLDS_END).then(pl.lit("WORLD'S END")).otherwise(CHUNITHM_LEVEL),
            "info.level",
        ),
        known(CLEAR, "info.clearStatus"),
        known(NOTE, "info.comboStatus"),
        x.no_date("info.userPlayDate"),
    ),
    match={**by_id("info.musicId", CHUNITHM_LEVEL), "only_one": IS_WORLDS_END},
    columns={
        "score": x.raw("info.score"),
        "clear_lamp": CLEAR,
        "note_lamp": NOTE,
        "judgements.jcrit": x.raw("judge.judgeCritical") + x.raw("judge.judgeHeaven"),
        "judgements.justice": x.raw("judge.judgeJustice"),
        "judgements.attack": x.raw("judge.judgeAttack"),
        "judgements.miss": x.raw("judge.judgeMiss"),
        "optional.max_combo": x.raw("judge.maxCombo"),
        **time_of("info.userPlayDate"),
    },
)

# --- maimai DX ------------------------------------------------------------------------------------

MAIMAI_LEVEL = level(
    maimaidx.SINGLE, "info.level", ("Basic", "Advanced", "Expert", "Master", "Re:Master")
)
MAIMAI_LAMP = (
    pl.when(x.raw("info.comboStatus") == 0)
    .then(pl.lit(None, dtype=pl.String))
    .when(~x.raw("info.isClear"))
    .then(pl.lit("FAILED"))
    .otherwise(lamp(maimaidx.SINGLE, "lamp", "info.comboStatus", maimaidx.LAMPS[1:]))
)
MAIMAI = Conversion(
    record=item(
        message(
            numbers=("musicId", "level", "achievement", "comboStatus"),
            flags=("isClear",),
            userPlayDate=Str(optional=True),
        ),
        (
            *("judgeCriticalPerfect", "judgePerfect", "judgeGreat", "judgeGood", "judgeMiss"),
            *("maxCombo", "fastCount", "lateCount"),
        ),
    ),
    rules=(
        is_absent("info.level", "judge.judgeMiss"),
        x.skip(x.raw("info.level") == 6, "Utage charts do not count."),
        known(MAIMAI_LEVEL, "info.level"),
        known(MAIMAI_LAMP, "info.comboStatus"),
        x.no_date("info.userPlayDate"),
    ),
    match=by_id(
        "info.musicId",
        pl.when(x.raw("info.musicId") >= 10_000).then(pl.lit("DX ")).otherwise(pl.lit(""))
        + MAIMAI_LEVEL,
    ),
    columns={
        "percent": x.divided(x.raw("info.achievement"), 10_000),
        "lamp": MAIMAI_LAMP,
        "judgements.pcrit": x.raw("judge.judgeCriticalPerfect"),
        "judgements.perfect": x.raw("judge.judgePerfect"),
        "judgements.great": x.raw("judge.judgeGreat"),
        "judgements.good": x.raw("judge.judgeGood"),
        "judgements.miss": x.raw("judge.judgeMiss"),
        "optional.fast": x.raw("judge.fastCount"),
        "optional.slow": x.raw("judge.lateCount"),
        "optional.max_combo": x.raw("judge.maxCombo"),
        **time_of("info.userPlayDate"),
    },
)

# --- ONGEKI ---------------------------------------------------------------------------------------

ONGEKI_LEVEL = level(
    ongeki.SINGLE, "info.level", ("BASIC", "ADVANCED", "EXPERT", "MASTER", "LUNATIC")
)
COMBO, CLEARED = x.raw("info.comboStatus"), x.raw("info.clearStatus")
ONGEKI_LAMP = (
    pl.when((COMBO == 0) | (CLEARED == 0))
    .then(pl.lit(None, dtype=pl.String))
    .when(x.raw("info.techScore") == ongeki.MAX_SCORE)
    .then(pl.lit("ALL BREAK+"))
    .when(COMBO == 3)
    .then(pl.lit("ALL BREAK"))
    .when(COMBO == 2)
    .then(pl.lit("FULL COMBO"))
    .when(CLEARED.is_in([2, 3]))
    .then(pl.lit("CLEAR"))
    .when(CLEARED == 1)
    .then(pl.lit("LOSS"))
)
ONGEKI = Conversion(
    record=item(
        message(
            numbers=(
                *("musicId", "level", "techScore", "platinumScore"),
                *("comboStatus", "clearStatus"),
            ),
            flags=("isFullBell",),
            userPlayDate=Str(optional=True),
        ),
        (
            *("judgeCriticalBreak", "judgeBreak", "judgeHit", "judgeMiss", "maxCombo"),
            *("bellCount", "totalBellCount", "damageCount"),
        ),
    ),
    rules=(
        is_absent("info.level", "judge.judgeMiss"),
        known(ONGEKI_LEVEL, "info.level"),
        known(ONGEKI_LAMP, "info.clearStatus"),
        x.no_date("info.userPlayDate"),
    ),
    match=by_id("info.musicId", ONGEKI_LEVEL),
    columns={
        "score": x.raw("info.techScore"),
        "note_lamp": ONGEKI_LAMP,
        "bell_lamp": pl.when(x.raw("info.isFullBell"))
        .then(pl.lit("FULL BELL"))
        .otherwise(pl.lit("NONE")),
        "platinum_score": x.raw("info.platinumScore"),
        "judgements.cbreak": x.raw("judge.judgeCriticalBreak"),
        "judgements.break": x.raw("judge.judgeBreak"),
        "judgements.hit": x.raw("judge.judgeHit"),
        "judgements.miss": x.raw("judge.judgeMiss"),
        "optional.max_combo": x.raw("judge.maxCombo"),
        "optional.damage": x.raw("judge.damageCount"),
        "optional.bell_count": x.raw("judge.bellCount"),
        "optional.total_bell_count": x.raw("judge.totalBellCount"),
        **time_of("info.userPlayDate"),
    },
)

# --- WACCA ----------------------------------------------------------------------------------------

WACCA_LEVEL = level(wacca.SINGLE, "musicDifficulty", ("NORMAL", "HARD", "EXPERT", "INFERNO"))
WACCA_LAMP = (
    pl.when(x.raw("clearStatus.isAllMarvelous"))
    .then(pl.lit("ALL MARVELOUS"))
    .when(x.raw("clearStatus.isFullCombo"))
    .then(pl.lit("FULL COMBO"))
    .when(x.raw("clearStatus.isMissless"))
    .then(pl.lit("MISSLESS"))
    .when(x.raw("clearStatus.isClear"))
    .then(pl.lit("CLEAR"))
    .when(x.raw("clearStatus.isClear").is_not_null())
    .then(pl.lit("FAILED"))
)
WACCA = Conversion(
    record=Object(
        members={
            **dict.fromkeys(("musicId", "musicDifficulty", "score"), NUMBER),
            **dict.fromkeys(("combo", "fast", "late"), NUMBER),
            "userPlayDate": Str(optional=True),
            "judge": message(numbers=("marvelous", "great", "good", "miss")),
            "clearStatus": message(
                flags=("isClear", "isMissless", "isFullCombo", "isAllMarvelous")
            ),
        }
    ),
    rules=(
        is_absent("musicDifficulty"),
        known(WACCA_LEVEL, "musicDifficulty"),
        x.invalid(WACCA_LAMP.is_null(), "The play comes without its clear status."),
        x.no_date("userPlayDate"),
    ),
    match=by_id("musicId", WACCA_LEVEL),
    columns={
        "score": x.raw("score"),
        "lamp": WACCA_LAMP,
        **{f"judgements.{n}": x.raw(f"judge.{n}") for n in ("marvelous", "great", "good", "miss")},
        "optional.fast": x.raw("fast"),
        "optional.slow": x.raw("late"),
        "optional.max_combo": x.raw("combo"),
        **time_of("userPlayDate"),
    },
)
# WACCA Reverse and WACCA Plus keep a rank each.
EDITIONS = (400, 300)


def is_edition(entry: object) -> bool:
    """Return whether it is a pair of a number and an object."""
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], dict)


def stage_up(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the best rank of all editions. A rank that the game does not have is ignored."""
    ranks = dict(enumerate(wacca.SINGLE.classes["stageUp"].values, 1))
    editions = data.get("versionDataMap")
    if not isinstance(editions, list) or not all(map(is_edition, editions)):
        return {}
    found = [version.get("rank") for edition, version in editions if edition in EDITIONS]
    best = max((rank for rank in found if type(rank) is int and rank in ranks), default=None)
    return {} if best is None else {"Single": {"stageUp": ranks[best]}}


# --- the network ----------------------------------------------------------------------------------

ABSENT_PARTS = {"judge": None, "clearStatus": None}


def plays_of(title: str, source: Source) -> list[dict[str, Any]]:
    """Return the items of the stream."""
    recording = recording_of(
        source.data, lookup=LOOKUP, playlog=ListOf(Object()), failAfter=Int(optional=True)
    )
    player_of(title, recording)
    if "failAfter" in recording:
        raise ImportFatal(500, "MYT broke off in the middle of the plays.")
    return list(recording["playlog"])


def parse(game: str, title: str, source: Source) -> Parsed:
    """Return the items of the stream as datapoints."""
    return Parsed(game, plays_of(title, source), {}, "Single")


def parse_wacca(source: Source) -> Parsed:
    """Return the info of each item as a datapoint; a part that was not sent is null."""
    plays = plays_of("wacca", source)
    data = source.data.get("data", {})
    if not isinstance(data, dict):
        raise ImportFatal(500, "MYT could not give the player's data.")
    infos = [
        {**ABSENT_PARTS, **info} if isinstance(info := play.get("info"), dict) else {}
        for play in plays
    ]
    return Parsed("wacca", infos, {}, "Single", classes=stage_up(data))


MYT = Service(
    id="myt",
    title="MYT",
    credentials={"cardAccessCode": "[0-9]{20}"},
    settings={
        "MYT_API_HOST": True,
        "MYT_AUTH_TOKEN": True,
        "MYT_PLAINTEXT": False,
        "MYT_CA_FILE": False,
    },
)
Parser = Callable[[Source], Parsed]
GAMES: dict[str, tuple[str, Conversion, Parser]] = {
    "chunithm": ("chunithm", CHUNITHM, partial(parse, "chunithm", "chunithm")),
    "maimaidx": ("maimai", MAIMAI, partial(parse, "maimaidx", "maimai")),
    "ongeki": ("ongeki", ONGEKI, partial(parse, "ongeki", "ongeki")),
    "wacca": ("wacca", WACCA, parse_wacca),
}
IMPORT_TYPES = tuple(
    ImportType(
        id=f"api/myt-{game}",
        title=f"MYT {game}",
        games=(game,),
        parse=parser,
        conversion=conversion,
        service=MYT,
        fetch=partial(fetch, title),
    )
    for game, (title, conversion, parser) in GAMES.items()
)
