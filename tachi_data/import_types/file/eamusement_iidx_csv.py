"""e-amusement IIDX CSV, from the official site, and PLI's, which has the same format.

A row is a song with three (old layout, 27 columns) or five difficulties (41 columns); each is a
datapoint. The version of the import is that of the newest song in the file. The one timestamp of a row,
in Japan time, is that of its last play; every difficulty gets it. A spreadsheet that saved the file again may
have written it in another way. BEGINNER charts are in no catalogue.
"""

from __future__ import annotations

import re

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import iidx
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources.csv import Form, site_csv
from tachi_data.import_types.sources.text import text_of
from tachi_data.records.schema import Bool, Object, Str
from tachi_data.reference.text import BLANKS

NAMED = (
    "IIDX RED", "HAPPY SKY", "DistorteD", "GOLD", "DJ TROOPERS", "EMPRESS", "SIRIUS", "Resort Anthem",
    "Lincle", "tricoro", "SPADA", "PENDUAL", "copula", "SINOBUZ", "CANNON BALLERS", "Rootage", "HEROIC VERSE",
    "BISTROVER", "CastHour", "RESIDENT", "EPOLIS", "Pinky Crush", "Sparkle Shower",
)  # fmt: skip
VERSIONS = {
    "1st&substream": 1, "2nd style": 2, "3rd style": 3, **{f"{n}th style": n for n in range(4, 11)},
    **dict(zip(NAMED, range(11, 34), strict=True)),
}  # fmt: skip
LAMPS = {lamp: lamp for lamp in iidx.LAMPS[:-1]} | {"FULLCOMBO CLEAR": "FULL COMBO"}
DIFFICULTIES = {
    27: ("NORMAL", "HYPER", "ANOTHER"),
    41: ("BEGINNER", "NORMAL", "HYPER", "ANOTHER", "LEGGENDARIA"),
}
CELLS = ("level", "exscore", "pgreat", "great", "bp", "lamp")
# A comma may be in title, genre and artist. Behind them are, from the end: date, DJ level, lamp, …, EX score, level.
FORM = Form(
    prose=(1, 4),
    patterns={1: '^"?(?: *[0-9].*)?$', 3: '^"?[A-Z ]+"?$', 7: '^"?[0-9]+"?$', 8: '^"?[0-9]*"?$'},
    spare=1,
)
RECORD = Object(
    members={
        "title": Str(),
        "timestamp": Str(),
        "score": Object(members={"difficulty": Str(), **{cell: Str() for cell in CELLS}}),
    }
)
CONTEXT = Object(
    members={
        "playtype": Str(),
        "importVersion": Str(),
        "hasBeginnerAndLegg": Bool(),
        "service": Str(),
    }
)


def playtype_of(source: Source) -> str:
    """Return the requested playtype. Refuses a file whose name suggests the other one."""
    playtype, name = (
        source.options.get("playtype"),
        str(source.options.get("filename") or "").lower(),
    )
    if playtype not in ("SP", "DP"):
        raise ImportFatal(400, "playtype must be SP or DP.")
    named = {p for p in ("sp", "dp") if re.search(rf"(?<![^\W\d_]){p}(?![^\W\d_])", name)}
    sure = str(source.options.get("assertPlaytypeCorrect") or "").lower() not in ("", "false", "0")
    if len(named) == 1 and playtype.lower() not in named and not sure:
        raise ImportFatal(
            400, f"The file is called {name!r:.200}, but the playtype given is {playtype}. "
            "Set assertPlaytypeCorrect if that is right.",
        )  # fmt: skip
    return playtype


def parse(source: Source, service: str) -> Parsed:
    """Return one datapoint per row and difficulty, unplayed ones included."""
    playtype = playtype_of(source)
    rows, width = site_csv(text_of(source), list(DIFFICULTIES), form=FORM)
    if width not in DIFFICULTIES:
        raise ImportFatal(400, f"The CSV has {width} columns; e-amusement's have 27 or 41.")
    played_at = x.as_the_site(rows[str(width - 1)].str.strip_chars(BLANKS))
    rows = rows.with_columns(played_at, version=x.mapped(pl.col("0"), VERSIONS))
    if rows.is_empty():
        raise ImportFatal(400, "The CSV has no scores below its header.")
    unknown = rows.filter(pl.col("version").is_null())
    if not unknown.is_empty():
        row = unknown.row(0, named=True)
        raise ImportFatal(400, f"Line {row['line']}: {row['0']!r:.60} is not a version of IIDX.")
    newest = str(rows["version"].max())
    if newest not in iidx.VERSIONS:
        raise ImportFatal(
            400, f"The newest version in the file is {newest}; 20 to 33 can be imported."
        )
    datapoints = pl.concat(
        rows.select(
            "line",
            pl.lit(index).alias("block"),
            x.trim(pl.col("1")).alias("raw.title"),
            pl.col(str(width - 1)).alias("raw.timestamp"),
            pl.lit(difficulty).alias("raw.score.difficulty"),
            *(pl.col(str(5 + 7 * index + i)).alias(f"raw.score.{c}") for i, c in enumerate(CELLS)),
        )
        for index, difficulty in enumerate(DIFFICULTIES[width])
    ).sort("line", "block")
    return Parsed(
        game="iidx",
        playtype=playtype,
        datapoints=datapoints.drop("line", "block"),
        lines=datapoints["line"].to_list(),
        context={
            "playtype": playtype,
            "importVersion": newest,
            "hasBeginnerAndLegg": width == 41,
            "service": service,
        },
    )


EX_SCORE, PGREAT, GREAT = (x.natural(x.raw(f"score.{c}")) for c in ("exscore", "pgreat", "great"))
MISSES = x.number(x.raw("score.bp"))
LAMP = x.metric(iidx.SP, "lamp", x.raw("score.lamp"), LAMPS)
PLAYED_AT = x.japanese_date(x.raw("timestamp"))
RULES = (
    x.skip(x.raw("score.exscore") == "0", "Not played: the EX score is 0."),
    x.skip(x.raw("score.level").is_in(["", "0"]), "There is no such chart: its level is 0."),
    x.skip(x.raw("score.difficulty") == "BEGINNER", "BEGINNER charts are not tracked."),
    x.unreadable(EX_SCORE, x.raw("score.exscore"), "The EX score must be a whole number"),
    x.invalid(
        2 * pl.col("chart.notecount") < EX_SCORE,
        pl.format(
            "The EX score is {}; the chart allows at most {}.",
            EX_SCORE,
            2 * pl.col("chart.notecount"),
        ),
    ),
    x.unreadable(PGREAT, x.raw("score.pgreat"), "PGREAT must be a whole number"),
    x.unreadable(GREAT, x.raw("score.great"), "GREAT must be a whole number"),
    x.invalid(
        2 * PGREAT + GREAT != EX_SCORE,
        pl.format(
            "2 x PGREAT + GREAT ({}, {}) must be the EX score ({}).", PGREAT, GREAT, EX_SCORE
        ),
    ),
    x.unreadable(LAMP, x.raw("score.lamp"), "The lamp must be one that IIDX has"),
    x.unreadable(
        pl.when(x.raw("timestamp") == "").then(0).otherwise(PLAYED_AT.dt.epoch("ms")),
        x.raw("timestamp"),
        "The timestamp must be a date such as 2024-01-31 20:15, with a certain day and month",
    ),
    x.invalid(
        (MISSES < 0) | (MISSES > 9999) | (MISSES.floor() != MISSES),
        pl.format("The miss count must be a whole number up to 9999, got {}.", MISSES),
    ),
)


def conversion() -> Conversion:
    """Return the one conversion. The old layout marks LEGGENDARIA charts by a dagger after the title."""
    daggered = ~x.context("hasBeginnerAndLegg") & x.raw("title").str.contains("†(?:LEGGENDARIA)?$")
    title = pl.when(daggered).then(x.trim(x.raw("title").str.replace("†(?:LEGGENDARIA)?$", "")))
    difficulty = pl.when(daggered).then(pl.lit("LEGGENDARIA")).otherwise(x.raw("score.difficulty"))
    return Conversion(
        record=RECORD,
        context=CONTEXT,
        match=x.by_title(
            title.otherwise(x.raw("title")),
            playtype=x.context("playtype"),
            difficulty=difficulty,
            version=x.context("importVersion"),
            level=x.raw("score.level"),
            first="csv_title",
        ),
        columns={
            "score": EX_SCORE,
            "lamp": LAMP,
            "judgements.pgreat": PGREAT,
            "judgements.great": GREAT,
            "optional.bp": MISSES.cast(pl.Int64, strict=False),
            "service": x.context("service"),
            "time_achieved": PLAYED_AT,
        },
        absent=frozenset({"bp"}),
        rules=RULES,
    )


IMPORT_TYPES = tuple(
    ImportType(
        id=f"file/{name}-iidx-csv",
        title=f"{service} IIDX CSV",
        games=("iidx",),
        options=("playtype", "assertPlaytypeCorrect", "filename"),
        parse=lambda source, service=service: parse(source, service),  # type: ignore[misc]
        conversion=conversion(),
    )
    for name, service in (("eamusement", "e-amusement"), ("pli", "PLI"))
)
