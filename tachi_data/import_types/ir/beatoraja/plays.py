"""beatoraja (PMS) and LR2oraja (BMS). The client also sends facts about the chart.

A score on a chart that is not in the catalogue is an orphan, and a vote for the chart: the chart enters the
catalogue once enough players have played it.
"""

from __future__ import annotations

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import GPT
from tachi_data.import_types import words as x
from tachi_data.import_types.clients import Question, Route
from tachi_data.import_types.ir.beatoraja.client import (
    BEATORAJA,
    leaderboard,
    reply,
    rivals,
    scores_of,
    take_course,
)
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Rule, Source, UnknownChart
from tachi_data.records import checked
from tachi_data.records.schema import Anything, Bool, Int, Num, Object, OneOf, Str

LAMPS = {
    "NoPlay": "NO PLAY",
    "Failed": "FAILED",
    "AssistEasy": "ASSIST CLEAR",
    "LightAssistEasy": "ASSIST CLEAR",
    "Easy": "EASY CLEAR",
    "Normal": "CLEAR",
    "Hard": "HARD CLEAR",
    "ExHard": "EX HARD CLEAR",
    **dict.fromkeys(("FullCombo", "Perfect", "Max"), "FULL COMBO"),
}
RANDOMS = {0: "NONRAN", 1: "MIRROR", 2: "RANDOM", 3: "R-RANDOM", 4: "S-RANDOM"}
DEVICES = {"BM_CONTROLLER": "Controller", "KEYBOARD": "Keyboard"}
KEYS = {"BEAT_7K": "7K", "BEAT_14K": "14K"}
TIMINGS = ("epg", "egr", "egd", "ebd", "epr", "lpg", "lgr", "lgd", "lbd", "lpr", "ems", "lms")
SCORE = Object(
    members={
        "sha256": Str(64, 64),
        "exscore": Int(0),
        "passnotes": Int(0),
        "gauge": Num(0, 100, also=(-1,)),
        "deviceType": OneOf((*DEVICES, "MIDI")),
        "minbp": Int(0, also=(-1,)),
        "option": Int(),
        "lntype": OneOf((0, 1)),
        "clear": OneOf(tuple(LAMPS)),
        "assist": OneOf((0,)),
        "maxcombo": Int(0),
        **{name: Int(0) for name in TIMINGS},
        "gaugeHistory": Anything(as_json=True),
    }
)
# The gauges that a client may send over time; a fourth one, exhard, is not kept.
HISTORIES = ("easy", "groove", "hard")
CHART = Object(
    members={
        "md5": Str(),
        "sha256": Str(64, 64),
        **{name: Str() for name in ("title", "subtitle", "genre", "artist", "subartist")},
        "total": Num(0),
        "judge": Num(0),
        "lntype": OneOf((-1, 0, 1, 2)),
        "mode": OneOf(("BEAT_7K", "BEAT_14K", "POPN_9K")),
        "notes": Int(0),
        "hasUndefinedLN": Bool(),
        "hasRandom": Bool(),
    }
)
DEVICE = x.mapped(x.raw("deviceType"), DEVICES)
CONTEXT = Object(
    members={
        "client": Str(),
        "timeReceived": Int(),
        "chart": CHART,
    }
)


def parse(source: Source) -> Parsed:
    """Return the one play, with its chart as context."""
    body = checked(source.data, Object(members={"score": SCORE, "chart": CHART}))
    score, chart = body["score"], body["chart"]
    for name, part in (("score", score), ("chart", chart)):
        if set(part["sha256"]) - set("0123456789abcdef"):
            raise ImportFatal(400, f"{name}.sha256: expected 64 lower-case hex digits.")
    is_pms = chart["mode"] == "POPN_9K"
    client = "beatoraja" if is_pms else "LR2oraja"
    if not str(body.get("client")).startswith(client):
        raise ImportFatal(400, f"client: expected {client} for {chart['mode']}.")
    if score["sha256"] != chart["sha256"]:
        raise ImportFatal(400, "score.sha256: expected the hash of the chart.")
    context = {
        "client": "beatoraja" if is_pms else "lr2oraja",
        "chart": chart,
        "userID": source.user_id,
        "timeReceived": source.now,
    }
    return Parsed("pms" if is_pms else "bms", [score], context)


def total(*names: str) -> pl.Expr:
    """Return the sum of some counts."""
    return pl.sum_horizontal(x.raw(name) for name in names)


def unknown_chart(is_pms: bool) -> UnknownChart:
    """Return the chart as the client describes it; its level is unknown."""

    def said(name: str) -> pl.Expr:
        return x.context(f"chart.{name}")

    playtype = DEVICE if is_pms else x.mapped(said("mode"), KEYS)
    nothing, empty = pl.lit(None, dtype=pl.String), pl.lit([], dtype=pl.List(pl.String))
    hashes = {"hashMD5": said("md5").str.to_lowercase(), "hashSHA256": said("sha256")}
    ratings = dict.fromkeys(("aiLevel", "sglEC", "sglHC"), nothing)
    return UnknownChart(
        playtype=playtype,
        sha256=said("sha256"),
        md5=said("md5"),
        chart=x.json_object(
            playtype=playtype,
            difficulty=pl.lit("CHART"),
            isPrimary=pl.lit(True),
            level=pl.lit("?"),
            levelNum=pl.lit(0),
            versions=empty,
            data=x.json_member(**hashes, notecount=said("notes"), tableFolders=empty, **ratings),
        ),
        song=x.json_object(
            title=said("title"),
            artist=said("artist"),
            altTitles=empty,
            searchTerms=empty,
            data=x.json_member(
                **{name: said(name) for name in ("genre", "subartist", "subtitle")},
                tableString=nothing,
            ),
        ),
    )


def history(gauge: str) -> pl.Expr:
    """Return a gauge over time; null where it is not there, or not all of it is from 0 to 100."""
    values = x.numbers(x.raw("gaugeHistory").str.json_path_match(f"$.{gauge}"))
    within = pl.element().is_between(0, 100).fill_null(False)
    return pl.when(values.list.eval(within).list.all()).then(values)


def rules(is_pms: bool) -> tuple[Rule, ...]:
    """Return the rules that refuse a play, whatever its chart."""
    refused = {
        "Charts with this LN type are not supported.": ~x.context("chart.lntype").is_in([0, -1]),
        "Charts with random branches are not supported.": x.context("chart.hasRandom"),
        "PMS needs a controller or a keyboard.": pl.lit(is_pms) & DEVICE.is_null(),
    }
    return tuple(x.invalid(when, text, after="reading") for text, when in refused.items())


def conversion(gpt: GPT) -> Conversion:
    """Return the conversion of a game. A hash finds a BMS chart; a hash and the device find a PMS chart."""
    is_pms = gpt.game == "pms"
    playtype = DEVICE if is_pms else x.ANY_PLAYTYPE
    copied = ("ebd", "lbd", "egd", "lgd", "egr", "lgr", "epg", "lpg")
    random = pl.when(pl.col("chart.playtype") != "14K").then(x.mapped(x.raw("option"), RANDOMS))
    return Conversion(
        record=SCORE,
        unknown_chart=unknown_chart(is_pms),
        context=CONTEXT,
        match=x.by_chart_key("sha256", x.raw("sha256"), playtype=playtype),
        rules=rules(is_pms),
        columns={
            "score": x.raw("exscore"),
            "lamp": x.metric(gpt, "lamp", x.raw("clear"), LAMPS),
            f"judgements.{gpt.judgements[0]}": total("epg", "lpg"),
            "judgements.great": total("egr", "lgr"),
            "judgements.good": total("egd", "lgd"),
            "judgements.bad": total("ebd", "lbd"),
            "judgements.poor": total("epr", "lpr", "ems", "lms"),
            "optional.bp": x.unless(x.raw("minbp"), equals=-1),
            "optional.gauge": x.unless(x.raw("gauge"), equals=-1),
            "optional.max_combo": x.raw("maxcombo"),
            **{f"optional.gauge_history_{gauge}": history(gauge) for gauge in HISTORIES},
            **{f"optional.{name}": x.raw(name) for name in copied},
            "optional.epr": total("epr", "ems"),
            "optional.lpr": total("lpr", "lms"),
            "optional.fast": total("ebd", "egr", "epr", "ems"),
            "optional.slow": total("lbd", "lgr", "lpr", "lms"),
            "service": pl.lit("Beatoraja IR"),
            "time_achieved": x.milliseconds(x.context("timeReceived")),
            "score_meta": x.json_object(
                client=x.context("client"), inputDevice=x.raw("deviceType"), random=random
            ),
        },
        absent=frozenset(f"gauge_history_{gauge}" for gauge in HISTORIES),
    )


IMPORT_TYPES = (
    ImportType(
        id="ir/beatoraja",
        title="Beatoraja IR",
        games=("bms", "pms"),
        route=Route("/beatoraja/submit-score", BEATORAJA, reply=reply),
        questions=(
            Question("/beatoraja/charts/{sha256}/scores", BEATORAJA, leaderboard),
            Question("/beatoraja/submit-course", BEATORAJA, take_course, "POST"),
            Question("/beatoraja/rivals", BEATORAJA, rivals),
            Question("/beatoraja/players/{user_id}/scores", BEATORAJA, scores_of),
        ),
        parse=parse,
        conversion=conversion,
    ),
)
