"""Writing accepted suggestions into the files of a catalogue, as other titles of songs.

The files are edited as text, so that the difference is as small as possible in any formatting: only the
lists ``altTitles`` of these songs change. The files may be of v2 or of v3.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data.errors import CatalogueError

_BLANK = re.compile(r"[ \t\r\n]*")
_decode = JSONDecoder().raw_decode
ANSWER = {"game": pl.String, "song_id": pl.Int64, "title": pl.String, "outcome": pl.String}


@dataclass(frozen=True, eq=False)
class Patch:
    """The result of writing titles into files.

    Attributes:
        files: The changed files.
        rows: One row per title: ``game, song_id, title, outcome``; the outcome is ``written``, or the reason
            why the title was not written.
    """

    files: tuple[Path, ...]
    rows: pl.DataFrame


def safe_suggestions(groups: pl.DataFrame) -> pl.DataFrame:
    """Returns the rows of `triage` whose suggestion differs in spelling only, and fits one song only."""
    return groups.filter(
        pl.col("reason").str.starts_with("differs only in") & (pl.col("alike") == 1)
    )


def write_patch(folder: str | Path, accepted: pl.DataFrame) -> Patch:
    """Add titles to ``altTitles`` in the files of a catalogue, which are changed in place.

    Args:
        folder: The files ``songs-<game>.json`` of the catalogue, or a copy of them.
        accepted: Rows of `triage` that a person accepted: ``game, looked_for, suggested_song_id``.

    Returns:
        The changed files, and the outcome of each title.

    Raises:
        CatalogueError: A file is missing or cannot be read; nothing is written.
    """
    wanted = accepted.select("game", song_id="suggested_song_id", title="looked_for").unique(
        maintain_order=True
    )
    texts, parts = {}, [pl.DataFrame(schema=ANSWER)]
    for (game,), titles in wanted.partition_by("game", as_dict=True, maintain_order=True).items():
        path = Path(folder) / f"songs-{game}.json"
        text, outcomes = _patched(path, titles.select("song_id", "title").rows())
        parts.append(titles.with_columns(pl.Series("outcome", outcomes, dtype=pl.String)))
        if "written" in outcomes:
            texts[path] = text
    for path, text in texts.items():
        path.write_bytes(text.encode())
    return Patch(tuple(texts), pl.concat([p.select(*ANSWER) for p in parts]))


def _patched(path: Path, titles: list[tuple[int | None, str]]) -> tuple[str, list[str]]:
    """Returns the text of a file with more titles, and the outcome of each title."""
    try:
        text = path.read_bytes().decode()
        songs = _songs(text)
    except (OSError, ValueError, KeyError) as error:
        raise CatalogueError(f"{path} cannot be read as a list of songs: {error}.") from None
    owners: dict[str, set[int]] = {}
    for song in songs.values():
        for known in (song.title, *song.alt_titles):
            owners.setdefault(known, set()).add(song.song_id)
    outcomes, more = [], dict[int, list[str]]()
    for song_id, title in titles:
        outcome = _judged(song_id, title, songs, owners)
        if outcome == "written" and song_id is not None:
            owners.setdefault(title, set()).add(song_id)
            more.setdefault(song_id, []).append(title)
        outcomes.append(outcome)
    for song_id in sorted(more, key=lambda i: songs[i].start, reverse=True):
        song = songs[song_id]
        new = _list_text(text, song.start, song.end, [*song.alt_titles, *more[song_id]])
        text = text[: song.start] + new + text[song.end :]
    return text, outcomes


@dataclass(frozen=True)
class _Song:
    """A song, and the place of its list of other titles in the text."""

    song_id: int
    title: str
    alt_titles: tuple[str, ...]
    start: int
    end: int


def _judged(
    song_id: int | None, title: str, songs: dict[int, _Song], owners: dict[str, set[int]]
) -> str:
    if song_id is None or song_id not in songs:
        return f"there is no song {song_id}"
    if not title.strip():
        return "an empty title"
    of = owners.get(title, set())
    if song_id in of:
        return "there already"
    return f"it is a title of song {min(of)}" if of else "written"


def _songs(text: str) -> dict[int, _Song]:
    """Returns the songs of a file by ID."""
    songs, at = {}, _after(text, 0, "[")
    while text[at] != "]":
        value, end = _decode(text, at)
        start, stop = _member(text, at, "altTitles")
        song_id = value.get("legacySongID", value["id"])  # In v3, ``id`` is a text.
        song = _Song(song_id, value["title"], tuple(value["altTitles"]), start, stop)
        songs[song.song_id] = song
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return songs


def _member(text: str, at: int, wanted: str) -> tuple[int, int]:
    """Returns the beginning and end of a member's value, in the object that begins at ``at``."""
    at = _after(text, at, "{")
    while text[at] != "}":
        name, at = scanstring(text, at + 1)
        start = _after(text, at, ":")
        _, at = _decode(text, start)
        if name == wanted:
            return start, at
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    raise ValueError(f"a song without {wanted}")


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


def _after(text: str, at: int, sign: str) -> int:
    """Returns the place after a sign and the blanks around it."""
    at = _skip(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"expected {sign} at character {at}")
    return _skip(text, at + 1)


def _list_text(text: str, start: int, end: int, titles: list[Any]) -> str:
    """Returns a list of titles in the formatting of the file: in one line, or one line per title."""
    escaped = text.isascii() and "\\u" in text
    items = [json.dumps(title, ensure_ascii=escaped) for title in titles]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    indent = line[: len(line) - len(line.lstrip())]
    in_lines = "\n" in text[start:end] or (titles and line.lstrip().startswith('"altTitles"'))
    if not in_lines:
        separator = ", " if '", "' in text else ","
        return f"[{separator.join(items)}]"
    unit = "\t" if "\t" in indent else indent[: max(1, len(indent) // 2)]
    newline = "\r\n" if "\r\n" in text else "\n"
    inner = f",{newline}{indent}{unit}".join(items)
    return f"[{newline}{indent}{unit}{inner}{newline}{indent}]"
