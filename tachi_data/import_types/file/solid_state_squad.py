"""Solid State Squad, a score tracker of old: its XML export of IIDX scores on home versions.

A text stays a text, even ``007``. Unused members of a song are kept for the orphan, with the values that
the reference server reads (``3.5`` is a number), because orphan IDs depend on them.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import iidx
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources import xml as _xml
from tachi_data.import_types.sources.text import text_of, trimmed
from tachi_data.records import checked
from tachi_data.records.schema import Anything, Int, Object, OneOf, Str
from tachi_data.reference.canonical import canonical

CHARTS = {
    "L7": ("SP", "NORMAL"),
    "7": ("SP", "HYPER"),
    "A": ("SP", "ANOTHER"),
    "B": ("SP", "LEGGENDARIA"),
    "L14": ("DP", "NORMAL"),
    "14": ("DP", "HYPER"),
    "A14": ("DP", "ANOTHER"),
    "B14": ("DP", "LEGGENDARIA"),
}
HOME_VERSIONS = "3rd 4th 5th 6th 7th 8th 9th 10th red hs dd gold djt emp"
VERSIONS = {style: f"{n}-cs" for n, style in enumerate(HOME_VERSIONS.split(), start=3)}
VERSIONS |= {"pb": "16-cs", "us": "bmus"}
FULL_COMBOS = ("combo", "comboed", "perfect", "perfected")
CLEARS = {"E": "EASY CLEAR", "H": "HARD CLEAR"}
JUDGEMENTS = {
    "pgreat": "justgreats",
    "great": "greats",
    "good": "good",
    "bad": "bad",
    "poor": "poor",
}

USER = Object(members={"userdata": Object(members={"id": Int(0), "login": Str(), "djname": Str()})})
RECORD = Object(
    members={
        "id": Int(0),
        "diff": OneOf(("L7", 7, "A", "B", 5, "L14", 14, "A14", "B14")),
        "songname": Str(),
        "styles": Str(),
        "exscore": Int(0),
        "scorebreakdown": Object(members={n: Int(0) for n in JUDGEMENTS.values()}, optional=True),
        "mods": Object(members={"hardeasy": OneOf(("H", "E"), optional=True)}),
        "cleartype": OneOf(("played", "cleared", *FULL_COMBOS)),
        "date": Str(),
        # Of several comments, or one with elements in it, none is taken.
        "comment": Anything(as_json=True),
    }
)


# --- reading the XML ------------------------------------------------------------------------------

TEXTS = {("userdata", "login"), ("userdata", "djname")} | {
    ("song", name) for name in ("songname", "styles", "date", "comment")
}
REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|apos|#39|#34|#60|#62|#38|#x27|#x22|#x3C|#x3E|#x26);")


def leaf(path: _xml.Path, pieces: list[_xml.Piece]) -> Any:
    """Return the value of an element's text. The site escapes what is in CDATA sections once more."""
    texts = [
        REFERENCE.sub(lambda found: unescape(found[0]), piece.text) if piece.is_cdata else plain
        for piece in pieces
        if (plain := trimmed(piece.text)) or piece.is_cdata
    ]
    if path[-2:] in TEXTS:
        text = "".join(texts)
        return trimmed(text) if path[-1] == "songname" else text
    values = [_xml.coerced(text) for text in texts]
    if len(values) == 1:
        return values[0]
    return "".join(value if isinstance(value, str) else canonical(value) for value in values)


def parse(source: Source) -> Parsed:
    """Return one datapoint per song element."""
    root = _xml.read(text_of(source), leaf).get("s3data")
    document = root if isinstance(root, dict) else {}
    listed = document.get("scoredata")
    songs = listed.get("song") if isinstance(listed, dict) else None
    if songs is None:
        raise ImportFatal(400, "The XML has no songs: there is no s3data/scoredata/song.")
    checked(document, USER)
    songs = songs if isinstance(songs, list) else [songs]
    return Parsed(game="iidx", datapoints=in_one_order([with_mods(song) for song in songs]))


def in_one_order(songs: list[Any]) -> list[Any]:
    """Return the songs, whose dates have day and month in the order that the dates of the file tell."""
    stated = [song.get("date") if isinstance(song, dict) else None for song in songs]
    dates = pl.Series([text if isinstance(text, str) else None for text in stated], dtype=pl.String)
    certain = x.in_one_order(dates)
    if certain is dates:
        return songs
    pairs = zip(songs, certain.to_list(), strict=True)
    return [song if text is None else song | {"date": text} for song, text in pairs]


def with_mods(song: Any) -> Any:
    """Return the song with an object for an empty element of mods."""
    return song | {"mods": {}} if isinstance(song, dict) and song.get("mods") == "" else song


# --- conversion -----------------------------------------------------------------------------------


DIFF, CLEAR_TYPE, DATE = x.raw("diff"), x.raw("cleartype"), x.raw("date")
DIFFICULTY = x.difficulty(iidx.SP, DIFF, {code: name for code, (_, name) in CHARTS.items()})
VERSION = x.mapped(x.raw("styles").str.split(",").list.last(), VERSIONS)
LAMP = (
    pl.when(CLEAR_TYPE == "played").then(pl.lit("FAILED"))
    .when(CLEAR_TYPE == "cleared")
    .then(x.metric(iidx.SP, "lamp", x.raw("mods.hardeasy"), CLEARS).fill_null("CLEAR"))
    .when(x.one_of(CLEAR_TYPE, FULL_COMBOS)).then(pl.lit("FULL COMBO"))
)  # fmt: skip
PLAYED_AT = x.date(DATE)


def conversion() -> Conversion:
    """Return the one conversion. The title, in any case, finds the song; the last style finds the chart."""
    return Conversion(
        record=RECORD,
        refuses="all",
        path="song",
        match=x.by_folded_title(
            x.raw("songname"),
            playtype=x.mapped(DIFF, {code: playtype for code, (playtype, _) in CHARTS.items()}),
            difficulty=DIFFICULTY,
            version=VERSION.fill_null(""),
        ),
        columns={
            "score": x.raw("exscore"),
            "lamp": LAMP,
            **{f"judgements.{j}": x.raw(f"scorebreakdown.{n}") for j, n in JUDGEMENTS.items()},
            "service": pl.lit("Solid State Squad"),
            "comment": x.json_text(x.raw("comment")),
            "time_achieved": PLAYED_AT,
        },
        absent=frozenset(JUDGEMENTS),
        rules=(
            x.skip(DIFF == "5", "5-key charts are not tracked."),
            x.unreadable(DIFFICULTY, DIFF, "The chart must be one of IIDX", after="song"),
            x.unreadable(
                VERSION, x.raw("styles"), "The last style must be a version of IIDX", after="song"
            ),
            x.unreadable(LAMP, CLEAR_TYPE, "The clear type must be one that IIDX has"),
            x.unreadable(
                pl.when(DATE == "").then(0).otherwise(PLAYED_AT.dt.epoch("ms")),
                DATE,
                "The date must look like 2009-08-16 18:35:00",
            ),
        ),
    )


IMPORT_TYPES = (
    ImportType(
        id="file/solid-state-squad",
        title="Solid State Squad",
        games=("iidx",),
        parse=parse,
        conversion=conversion(),
    ),
)
