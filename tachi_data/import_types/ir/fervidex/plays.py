"""Fervidex, a hook for beatmania IIDX: each play as it happens, or the machine's profile at once.

The hook names its game by a software ID such as ``LDJ:J:B:A:2021091500``, which tells the version.
The profile's records are personal bests without times; its dans are taken even without scores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import iidx
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import Question, Route
from tachi_data.import_types.ir.fervidex.client import (
    DANS,
    FERVIDEX,
    play_options,
    profile_options,
    take_class,
    version_of,
)
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Rule, Source
from tachi_data.names import snake
from tachi_data.records import checked, fits, violations
from tachi_data.records.schema import (
    Anything,
    Bool,
    Int,
    Kind,
    ListOf,
    Object,
    OneOf,
    Str,
)
from tachi_data.reference.numbers import SAFE_INTEGER

CHARTS = ("spb", "spn", "sph", "spa", "spl", "dpn", "dph", "dpa", "dpl")
DIFFICULTIES = {"n": "NORMAL", "h": "HYPER", "a": "ANOTHER", "l": "LEGGENDARIA"}
LAMPS = dict(
    enumerate(
        (
            *("NO PLAY", "FAILED", "ASSIST CLEAR", "EASY CLEAR", "CLEAR"),
            *("HARD CLEAR", "EX HARD CLEAR", "FULL COMBO"),
        )
    )
)
GAUGES = {
    "ASSISTED_EASY": "ASSISTED EASY",
    "EASY": "EASY",
    "HARD": "HARD",
    "EX_HARD": "EX-HARD",
}
RANGES = {
    "SUDDEN_PLUS": "SUDDEN+",
    "HIDDEN_PLUS": "HIDDEN+",
    "SUD_PLUS_HID_PLUS": "SUD+ HID+",
    "LIFT": "LIFT",
    "LIFT_SUD_PLUS": "LIFT SUD+",
}
RANDOMS = {
    "RANDOM": "RANDOM",
    "R_RANDOM": "R-RANDOM",
    "S_RANDOM": "S-RANDOM",
    "MIRROR": "MIRROR",
}
ASSISTS = {
    "AUTO_SCRATCH": "AUTO SCRATCH",
    "LEGACY_NOTE": "LEGACY NOTE",
    "ASCR_LEGACY": "FULL ASSIST",
    "FULL_ASSIST": "FULL ASSIST",
}
JUDGEMENTS = ("pgreat", "great", "good", "bad", "poor")
# The shadow gauges that a play would have had, by the metric that keeps them.
SHADOWS = {"gsmEasy": "EASY", "gsmNormal": "NORMAL", "gsmHard": "HARD", "gsmEXHard": "EX_HARD"}
NO_GAUGE = 200  # A larger value stands for a gauge that was not there any more.
COUNT, GRAPH = Int(0), ListOf(Int(0, 255))


def one_of(*names: str) -> Kind:
    """Return the kind for one of the names, null, or no member."""
    return OneOf(names, optional=True, nullable=True)


OPTION = Object(
    members={
        "gauge": one_of(*GAUGES, *(f"EROSION_LV{n}" for n in range(1, 6))),
        "range": one_of(*RANGES),
        "style": one_of(*RANDOMS),
        "style_2p": one_of(*RANDOMS),
        "assist": one_of(*ASSISTS),
    },
    optional=True,
)
MOMENT = Int(0, optional=True, nullable=True)
PLAY = Object(
    members={
        "chart": OneOf(CHARTS),
        "entry_id": COUNT,
        "chart_sha256": Str(optional=True),
        "custom": Bool(optional=True),
        **dict.fromkeys((*JUDGEMENTS, "slow", "fast"), COUNT),
        "max_combo": Int(0, optional=True),
        "combo_break": COUNT,
        "ex_score": COUNT,
        "clear_type": Int(0, 7),
        "gauge": GRAPH,
        "ghost": Anything(as_json=True),
        "dead": Object(members={"measure": MOMENT, "note": MOMENT}, optional=True, as_json=True),
        "option": OPTION,
        "pacemaker": Anything(),
        "2dx-gsm": Object(members=dict.fromkeys(SHADOWS.values(), GRAPH), optional=True),
        "highlight": Bool(optional=True),
        "duplicate": Bool(optional=True),
    }
)
BEST_MEMBERS: dict[str, Kind] = {
    "ex_score": COUNT,
    "miss_count": Int(0, also=(-1,), optional=True, nullable=True),
    "clear_type": Int(0, 7),
}
BEST_SCORE = Object(members=BEST_MEMBERS, strict=True)
BEST = Object(members={"song_id": COUNT, "chart": OneOf(CHARTS), **BEST_MEMBERS})


# --- parsing --------------------------------------------------------------------------------------


def parse_play(source: Source) -> Parsed:
    """Return the body as the one datapoint."""
    version = version_of(source.options.get("model"))
    context = {"version": version, "timeReceived": source.now, "userID": source.user_id}
    return Parsed("iidx", [source.data], context)


def parse_profile(source: Source) -> Parsed:
    """Return the dans, and one datapoint per song and chart if scores are wanted."""
    version = version_of(source.options.get("model"))
    profile = checked(source.data, Object(members={}))
    wanted = bool(source.options.get("shouldImportScores"))
    dans = {"SP": dan(profile.get("sp_dan")), "DP": dan(profile.get("dp_dan"))}
    return Parsed(
        "iidx",
        bests(profile.get("scores")) if wanted else [],
        {"version": version},
        classes={playtype: {"dan": value} for playtype, value in dans.items() if value},
    )


def dan(index: object) -> str | None:
    """Return the dan at a position; None where it is no position."""
    if not isinstance(index, (int, float)) or not fits(index, COUNT) or index >= len(DANS):
        return None
    return DANS[int(index)]


def bests(scores: object) -> list[dict[str, Any]]:
    """Return the datapoints of ``{song ID: {chart: score}}``. Any other shape refuses the import."""
    songs = members(scores, "scores")
    found = [
        (song_id(key), f"scores.{key}.{chart}", chart, score)
        for key, charts in songs.items()
        for chart, score in members(charts, f"scores.{key}").items()
    ]
    bad = violations([members(score, path) for _, path, _, score in found], BEST_SCORE)
    for row, violation in bad.items():
        raise ImportFatal(400, str(violation.within(found[row][1])))
    for _, path, chart, _ in found:
        if chart not in CHARTS:
            raise ImportFatal(400, f"{path:.200}: expected one of {', '.join(CHARTS)}.")
    return [
        {
            "song_id": number,
            "chart": chart,
            "clear_type": score["clear_type"],
            "ex_score": score["ex_score"],
            "miss_count": score.get("miss_count"),
        }
        for number, _, chart, score in found
    ]


def members(value: object, path: str) -> dict[str, Any]:
    """Return the members of an object in the order of the reference server: numbers first, ascending.

    An array counts as an object whose keys are its positions.
    """
    if isinstance(value, list):
        value = {str(i): element for i, element in enumerate(value)}
    if not isinstance(value, dict):
        raise ImportFatal(400, f"{path:.200}: expected an object.")
    numbers = sorted((key for key in value if re.fullmatch("0|[1-9][0-9]{0,9}", key)), key=int)
    return {key: value[key] for key in (*numbers, *value)}


def song_id(key: str) -> int:
    """Return the song ID that is a key of the scores."""
    number = int(key) if re.fullmatch("-?[0-9]{1,400}", key) else -1
    if not 0 <= number <= SAFE_INTEGER:
        raise ImportFatal(400, f"scores.{key:.60}: expected a song ID as key.")
    return number


# --- conversion -----------------------------------------------------------------------------------


def match(song: str, custom: pl.Expr) -> dict[str, pl.Expr]:
    """Look up a chart by its in-game ID, and a custom chart by its hash alone.

    The game has one song twice, since Scripted Connection⇒ comes in a long version.
    """
    nothing = pl.lit(None, dtype=pl.String)
    chart = x.raw("chart")
    difficulty = x.difficulty(iidx.SP, chart.str.slice(2), DIFFICULTIES)
    is_long = (x.raw(song) == 21201) & (difficulty == "ANOTHER")
    number = pl.when(is_long).then(12250).otherwise(x.raw(song)).cast(pl.String)
    difficulty = pl.when(is_long).then(pl.lit("LEGGENDARIA")).otherwise(difficulty)
    playtype = chart.str.slice(0, 2).str.to_uppercase()

    def unless_custom(value: pl.Expr) -> pl.Expr:
        return pl.when(custom).then(nothing).otherwise(value)

    return {
        "chart_kind": pl.when(custom).then(pl.lit("sha256")).otherwise(pl.lit("in_game_id")),
        "chart_key": number if song == "song_id"
        else pl.when(custom).then(x.raw("chart_sha256")).otherwise(number),
        "playtype": unless_custom(playtype),
        "difficulty": unless_custom(difficulty),
        "version": unless_custom(x.context("version")),
        "official_only": ~custom,
    }  # fmt: skip


BEGINNER = x.skip(x.raw("chart") == "spb", "BEGINNER charts are not supported.")


def without_gone(graph: pl.Expr) -> pl.Expr:
    """Return a gauge over time, null where there was none."""
    element = pl.element()
    return graph.list.eval(pl.when(element <= NO_GAUGE).then(element))


def play_rules() -> tuple[Rule, ...]:
    """Return the rules of a play, beside the bounds of the game."""
    final, ghost = without_gone(x.raw("gauge")).list.last(), x.raw("ghost")
    has_hash = (x.raw("chart_sha256") != "").fill_null(False)
    return (
        BEGINNER,
        x.invalid(
            x.raw("custom") & ~has_hash, "A custom chart needs its chart_sha256.", after="reading"
        ),
        x.invalid(final > 100, pl.format("The gauge ended at {}, which is above 100.", final)),
        x.invalid(
            (ghost != "null") & x.numbers(ghost).is_null(),
            "ghost: expected an array of numbers.",
        ),
    )


def play_columns() -> dict[str, pl.Expr]:
    """Return the columns of a play."""
    raw, history = x.raw, without_gone(x.raw("gauge"))
    return {
        "score": raw("ex_score"),
        "lamp": x.metric(iidx.SP, "lamp", raw("clear_type"), LAMPS),
        **{f"judgements.{name}": raw(name) for name in JUDGEMENTS},
        "optional.fast": raw("fast"),
        "optional.slow": raw("slow"),
        "optional.gauge": history.list.last(),
        "optional.gauge_history": history,
        "optional.score_history": x.numbers(raw("ghost")),
        "optional.bp": pl.when(raw("dead").is_null()).then(raw("bad") + raw("poor")),
        "optional.combo_break": raw("combo_break"),
        **{
            f"optional.{snake(metric)}": without_gone(raw(f"2dx-gsm.{name}"))
            for metric, name in SHADOWS.items()
        },
        "service": pl.lit("Fervidex"),
        "time_achieved": x.milliseconds(x.context("timeReceived")),
        "score_meta": play_meta(),
        "highlight": raw("highlight").fill_null(False),
    }


def play_meta() -> pl.Expr:
    """Return the options of a play; a missing option is the game's default."""

    def option(name: str, names: Mapping[str, str], default: str) -> pl.Expr:
        return x.mapped(x.raw(f"option.{name}"), names).fill_null(default)

    common = {
        "assist": option("assist", ASSISTS, "NO ASSIST"),
        "gauge": option("gauge", GAUGES, "NORMAL"),
        "range": option("range", RANGES, "NONE"),
    }
    left, right = (option(name, RANDOMS, "NONRAN") for name in ("style", "style_2p"))
    return (
        pl.when(pl.col("chart.playtype") == "DP")
        .then(x.json_object(**common, random=pl.concat_list(left, right)))
        .otherwise(x.json_object(**common, random=left))
    )


IMPORT_TYPES = (
    ImportType(
        id="ir/fervidex",
        title="Fervidex",
        games=("iidx",),
        options=("model",),
        route=Route("/fervidex/score/submit", FERVIDEX, options=play_options),
        questions=(Question("/fervidex/class/submit", FERVIDEX, take_class, "POST"),),
        parse=parse_play,
        conversion=Conversion(
            record=PLAY,
            refuses="all",
            context=Object(members={"version": Str(), "timeReceived": Int()}),
            match=match("entry_id", custom=x.raw("custom").fill_null(False)),
            columns=play_columns(),
            rules=play_rules(),
            explicit_nulls=x.stated_nulls(
                optional__max_combo=pl.lit(True),
                optional__bp=x.raw("dead").is_not_null(),
                optional__gauge=x.raw("gauge").list.last() > NO_GAUGE,
                optional__score_history=x.raw("ghost") == "null",
            ),
        ),
    ),
    ImportType(
        id="ir/fervidex-static",
        title="Fervidex, profile",
        games=("iidx",),
        options=("model", "shouldImportScores"),
        route=Route(
            "/fervidex/profile/submit",
            FERVIDEX,
            options=profile_options,
            in_background=True,
            consumes=("forceStaticImport",),
        ),
        parse=parse_profile,
        conversion=Conversion(
            record=BEST,
            context=Object(members={"version": Str()}),
            match=match("song_id", custom=pl.lit(False)),
            columns={
                "score": x.raw("ex_score"),
                "lamp": x.metric(iidx.SP, "lamp", x.raw("clear_type"), LAMPS),
                "optional.bp": x.unless(x.raw("miss_count"), equals=-1),
                "service": pl.lit("Fervidex Static"),
            },
            rules=(BEGINNER,),
        ),
    ),
)
