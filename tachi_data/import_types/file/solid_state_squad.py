"""Solid State Squad, a score tracker of old: its XML export of IIDX scores on home versions.

Texts are texts here, whatever they look like. Members of a song that nobody looks at are kept for the
orphan, read as the reference server reads them (``3.5`` is a number), because orphan IDs depend on it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import polars as pl

from tachi_data.canonical import canonical, number
from tachi_data.errors import ImportFatal
from tachi_data.import_types import _exprs as x
from tachi_data.import_types import _parse, _xml
from tachi_data.import_types._model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types._schema import Anything, Int, Object, OneOf, Str, violations

PLAYTYPES = {"L7": "SP", "7": "SP", "A": "SP", "B": "SP"} | dict.fromkeys(("L14", "14", "A14", "B14"), "DP")
DIFFICULTIES = {
    **{"L7": "NORMAL", "7": "HYPER", "A": "ANOTHER", "B": "LEGGENDARIA"},
    **{"L14": "NORMAL", "14": "HYPER", "A14": "ANOTHER", "B14": "LEGGENDARIA"},
}
VERSIONS = {
    **{"3rd": "3-cs", "4th": "4-cs", "5th": "5-cs", "6th": "6-cs", "7th": "7-cs", "8th": "8-cs"},
    **{"9th": "9-cs", "10th": "10-cs", "red": "11-cs", "hs": "12-cs", "dd": "13-cs", "gold": "14-cs"},
    **{"djt": "15-cs", "emp": "16-cs", "pb": "16-cs", "us": "bmus"},
}
FULL_COMBOS = ("combo", "comboed", "perfect", "perfected")
CLEARS = {"E": "EASY CLEAR", "H": "HARD CLEAR"}
JUDGEMENTS = {"pgreat": "justgreats", "great": "greats", "good": "good", "bad": "bad", "poor": "poor"}

USER = Object(members={"userdata": Object(members={"id": Int(0), "login": Str(), "djname": Str()})})
SONG = Object(
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
        "comment": Anything(),
    }
)
RECORD = Object(members={**SONG.members, "comment": Str(optional=True)})


# --- reading the XML ------------------------------------------------------------------------------

TEXTS = {("userdata", "login"), ("userdata", "djname")} | {
    ("song", name) for name in ("songname", "styles", "date", "comment")
}
REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|apos|#39|#34|#60|#62|#38|#x27|#x22|#x3C|#x3E|#x26);")
EXPONENT = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?[eE][+-]?[0-9]+")
HEXADECIMAL = re.compile(r"[+-]?0x[0-9a-fA-F]+")
PLAIN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")


def leaf(path: _xml.Path, pieces: list[_xml.Piece]) -> Any:
    """The value of an element's text. The site escapes what is in CDATA sections once more."""
    texts = [
        REFERENCE.sub(lambda found: unescape(found[0]), p.text) if p.is_cdata else _parse.trimmed(p.text)
        for p in pieces
    ]
    texts = [text for text, piece in zip(texts, pieces, strict=True) if text or piece.is_cdata]
    if path[-2:] in TEXTS:
        text = "".join(texts)
        return _parse.trimmed(text) if path[-1] == "songname" else text
    values = [coerced(text) for text in texts]
    if len(values) == 1:
        return values[0]
    return "".join(value if isinstance(value, str) else canonical(value) for value in values)


def coerced(text: str) -> str | bool | float:
    """Text as a value, as the reference server has it: true, false, a number, or still text.

    >>> [coerced(text) for text in ("3.50", "007", "0x1F", "1e3", "-0", "0X1F", "true", "T")]
    [3.5, 7, 31, 1000, '-0', '0X1F', True, 'T']
    """
    bare = _parse.trimmed(text)
    if bare in ("true", "false"):
        return bare == "true"
    if HEXADECIMAL.fullmatch(bare):
        return _shortened(float(int(bare, 16)) if len(bare) < 250 else float("inf"))
    if EXPONENT.fullmatch(bare):
        has_digits = bare.lstrip("+-.")[:1].isdigit()
        return _shortened(float(bare) if has_digits else float("nan"))
    found = PLAIN.fullmatch(bare)
    if not found or not (found[2] or found[3]):
        return text
    value, fraction = float(bare), (found[3] or "").rstrip("0")
    digits = (found[2].lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    same = number(value) == found[1].removeprefix("+") + digits
    return _shortened(value) if same or abs(value) >= 1e21 else text


def _shortened(value: float) -> float:
    """The number as an integer, if it is one that JSON readers keep exactly."""
    return int(value) if abs(value) <= x.SAFE_INTEGER and value.is_integer() else value


def parse(source: Source) -> Parsed:
    """One datapoint per song element. Any violation refuses the file."""
    document = _xml.read(_parse.text(source), leaf).get("s3data")
    listed = document.get("scoredata") if isinstance(document, dict) else None
    songs = listed.get("song") if isinstance(listed, dict) else None
    if songs is None:
        raise ImportFatal(400, "The XML has no songs: s3data/scoredata/song is missing, or there are several scoredata.")
    bad_user = violations([document], USER)
    if bad_user:
        raise ImportFatal(400, str(bad_user[0]))
    songs = songs if isinstance(songs, list) else [songs]
    stray = next((i for i, song in enumerate(songs) if not isinstance(song, dict)), None)
    if stray is not None:
        raise ImportFatal(400, f"song[{stray}]: expected an element with children.")
    songs = [song | {"mods": {}} if song.get("mods") == "" else song for song in songs]
    bad = violations(songs, SONG)
    if bad:
        raise ImportFatal(400, f"song[{min(bad)}].{bad[min(bad)]}")
    return Parsed(game="iidx", datapoints=songs)


# --- conversion -----------------------------------------------------------------------------------


def conversion() -> Conversion:
    """A song is found by its title in any case; its chart is that of the newest version named."""
    diff, cleartype, date = x.raw("diff"), x.raw("cleartype"), x.raw("date")
    difficulty = x.mapped(diff, DIFFICULTIES)
    version = x.mapped(x.raw("styles").str.split(",").list.last(), VERSIONS)
    lamp = (
        pl.when(cleartype == "played").then(pl.lit("FAILED"))
        .when(cleartype == "cleared")
        .then(x.mapped(x.raw("mods.hardeasy"), CLEARS).fill_null("CLEAR"))
        .when(x.one_of(cleartype, FULL_COMBOS)).then(pl.lit("FULL COMBO"))
    )  # fmt: skip
    played_at = x.date(date)
    return Conversion(
        record=RECORD,
        match=x.by_folded_title(
            x.raw("songname"),
            playtype=x.mapped(diff, PLAYTYPES),
            difficulty=difficulty,
            version=version,
        ),
        columns={
            "score": x.raw("exscore"),
            "lamp": lamp,
            **{f"judgements.{j}": x.raw(f"scorebreakdown.{n}") for j, n in JUDGEMENTS.items()},
            "service": pl.lit("Solid State Squad"),
            "comment": x.raw("comment"),
            "time_achieved": played_at,
        },
        absent=frozenset(JUDGEMENTS),
        rules=(
            x.skip(diff == "5", "5-key charts are not tracked."),
            x.unreadable(difficulty, diff, "The chart must be one of IIDX", after="song"),
            x.unreadable(version, x.raw("styles"), "The last style must be a version of IIDX", after="song"),
            x.unreadable(lamp, cleartype, "The clear type must be one that IIDX has"),
            x.unreadable(
                pl.when(date == "").then(0).otherwise(played_at.dt.epoch("ms")),
                date,
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
