"""e-amusement SDVX CSV, from the official site. Personal bests, so there are no timestamps.

An EX score of 0 means that the chart was never played with EX scoring. The level is that of the day
the file was made; charts are re-rated, so it only tells songs of one title apart.
"""

from __future__ import annotations

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import sdvx
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources.csv import Form, site_csv
from tachi_data.import_types.sources.text import text_of
from tachi_data.records.schema import Object, Str

CELLS = ("title", "difficulty", "level", "lamp", None, "score", "exscore", None, None, None, None)
# A comma may only be in the title; the last four cells, which are not read, may be missing.
FORM = Form(spare=4)
DIFFICULTIES = {
    "NOVICE": "NOV",
    "ADVANCED": "ADV",
    "EXHAUST": "EXH",
    "MAXIMUM": "MXM",
    "INFINITE": "INF",
    "GRAVITY": "GRV",
    "HEAVENLY": "HVN",
    "VIVID": "VVD",
    "EXCEED": "XCD",
    "NABLA": "NBL",
    "ULTIMATE": "ULT",
}
LAMPS = {
    "PLAYED": "FAILED",
    "COMPLETE": "CLEAR",
    "EXCESSIVE COMPLETE": "EXCESSIVE CLEAR",
    "MAXXIVE COMPLETE": "MAXXIVE CLEAR",
    "ULTIMATE CHAIN": "ULTIMATE CHAIN",
    "PERFECT": "PERFECT ULTIMATE CHAIN",
}
RECORD = Object(members={cell: Str() for cell in CELLS if cell})


def parse(source: Source) -> Parsed:
    """One datapoint per row. The columns are known by their place, the header is only counted."""
    rows, width = site_csv(text_of(source), [len(CELLS)], form=FORM)
    if width != len(CELLS):
        raise ImportFatal(400, f"The CSV has {width} columns; e-amusement's have {len(CELLS)}.")
    named = [pl.col(str(i)).alias(f"raw.{cell}") for i, cell in enumerate(CELLS) if cell]
    return Parsed(
        game="sdvx",
        playtype="Single",
        datapoints=rows.select(named),
        lines=rows["line"].to_list(),
    )


def conversion() -> Conversion:
    """Charts are found by title and difficulty."""
    difficulty = x.difficulty(sdvx.SINGLE, x.raw("difficulty"), DIFFICULTIES)
    score, ex_score = x.natural(x.raw("score")), x.natural(x.raw("exscore"))
    lamp = x.metric(sdvx.SINGLE, "lamp", x.raw("lamp"), LAMPS)
    return Conversion(
        record=RECORD,
        match=x.by_title(x.raw("title"), difficulty=difficulty, level=x.raw("level")),
        columns={
            "score": score,
            "lamp": lamp,
            "optional.ex_score": x.unless(ex_score, equals=0),
            "service": pl.lit("e-amusement"),
        },
        rules=(
            x.unreadable(
                difficulty,
                x.raw("difficulty"),
                "The difficulty must be one that SOUND VOLTEX has",
                after="song",
            ),
            x.unreadable(score, x.raw("score"), "The score must be a whole number"),
            x.invalid(
                score > 10_000_000,
                pl.format("The score must be at most 10,000,000, got {}.", score),
            ),
            x.unreadable(ex_score, x.raw("exscore"), "The EX score must be a whole number"),
            x.unreadable(lamp, x.raw("lamp"), "The lamp must be one that SOUND VOLTEX has"),
        ),
    )


IMPORT_TYPES = (
    ImportType(
        id="file/eamusement-sdvx-csv",
        title="e-amusement SDVX CSV",
        games=("sdvx",),
        parse=parse,
        conversion=conversion(),
    ),
)
