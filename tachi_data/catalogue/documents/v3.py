"""Documents of the catalogue of 2026 ("v3") as documents of v2, of which rows are made.

Our keys stay those of v2: ``legacyChartID`` is the chart's ID, ``legacySongID`` the song's, and so on. The
v3 identifiers go to columns of their own, so that the same catalogue in both forms is the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tachi_data.catalogue.documents.checking import is_class
from tachi_data.catalogue.documents.v2 import (
    CRITERIA,
    GOAL_CHARTS,
    MAYBE_TEXTS,
    TEXTS,
    checked,
    refuse,
)
from tachi_data.catalogue.documents.v3_games import gpt_of
from tachi_data.catalogue.folders.predicates import PredicateError, parse
from tachi_data.errors import CatalogueError
from tachi_data.records.frames import paired
from tachi_data.records.schema import Bool, Int, Kind, ListOf, Num, Object, Str

Document = dict[str, Any]
_NAMED: dict[str, Kind] = {"game": Str(), "name": Str(), "desc": Str(optional=True)}
SCHEMAS: dict[str, Object] = {
    "songs": Object(
        {
            "id": Str(),
            "legacySongID": Int(),
            "title": Str(),
            "artist": Str(),
            "altTitles": MAYBE_TEXTS,
            "searchTerms": MAYBE_TEXTS,
            "data": Object(optional=True, flat=False),
        }
    ),
    "charts": Object(
        {
            "id": Str(),
            "legacyChartID": Str(),
            "songID": Str(),
            "difficulty": Str(),
            "level": Str(),
            "levelNum": Num(),
            "isPrimary": Bool(),
            "versions": TEXTS,
            "data": Object(flat=False),
        }
    ),
    "folders": Object(
        {
            "id": Str(),
            "legacyFolderID": Str(),
            "game": Str(),
            "title": Str(),
            "searchTerms": MAYBE_TEXTS,
            "inactive": Bool(optional=True),
            "slug": Str(optional=True, nullable=True),
            "where": Str(),
            "versionFilter": ListOf(Str(), optional=True, nullable=True),
        }
    ),
    "goals": Object(
        {
            "goalID": Str(),
            "game": Str(),
            "name": Str(),
            "charts": GOAL_CHARTS,
            "criteria": CRITERIA,
        }
    ),
    "quests": Object({"questID": Str(), **_NAMED, "questData": ListOf(Object(flat=False))}),
    "questlines": Object({"questlineID": Str(), **_NAMED, "quests": TEXTS}),
    "courses": Object(
        {"md5sums": Str(), "game": Str(), "title": Str(), "set": Str(), "value": Str()}
    ),
}
_SONG = ("title", "artist", "altTitles", "searchTerms", "data")
_CHART = ("difficulty", "level", "levelNum", "isPrimary", "versions")
COURSES = "-course-lookup"


@dataclass
class Ids:
    """What v3 identifiers of songs, charts and folders are in v2."""

    songs: dict[str, Any] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Translation:
    """Documents in the form of v2.

    Attributes:
        documents: By collection: ``songs-iidx``, ``folders``, ``courses-bms``.
        extras: For some collections a row for each document, with ``v3_id`` and perhaps ``slug``.
        warnings: Sentences on what was not understood.
    """

    documents: dict[str, list[Document]] = field(default_factory=dict)
    extras: dict[str, pl.DataFrame] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(
        self, collection: str, documents: Sequence[Document], **extras: Sequence[str | None]
    ) -> None:
        """Put documents behind those that the collection has."""
        self.documents.setdefault(collection, []).extend(documents)
        if extras:
            more = pl.DataFrame(extras, schema=dict.fromkeys(extras, pl.String))
            self.extras[collection] = pl.concat([self.extras.get(collection, more[:0]), more])


def named_ids(files: Mapping[str, Sequence[Any]]) -> list[str]:
    """The v3 identifiers that charts and goals of some files name."""
    found: list[Any] = []
    for file, documents in files.items():
        stated = [d for d in documents if isinstance(d, dict)]
        if file.startswith("charts-"):
            found += [d.get("songID") for d in stated]
        elif file == "goals":
            charts = [d["charts"].get("data") for d in stated if isinstance(d.get("charts"), dict)]
            found += [i for c in charts for i in (c if isinstance(c, list) else [c])]
    return sorted({paired(i) for i in found if isinstance(i, str)})


def translate(files: Mapping[str, Sequence[Any]], ids: Ids) -> Translation:
    """Read the documents of v3 files as those of v2.

    Args:
        files: The documents by the name of their file: ``songs-iidx``, ``charts-iidx-sp``, ``goals``, …
        ids: What is known of v3 identifiers; those of the files are added.

    Raises:
        CatalogueError: A document is not what it should be.
    """
    done = Translation()
    groups = {file.removeprefix("songs-") for file in files if file.startswith("songs-")}
    for file, documents in files.items():
        name = _collection(file)
        identified_by = next(iter(SCHEMAS[name].members))
        checked(documents, SCHEMAS[name], file, identified_by)
        if name in ("songs", "charts", "folders"):
            known = pl.Series([d["id"] for d in documents], dtype=pl.String)
            refuse(
                ~known.is_first_distinct(), documents, file, "id", "an earlier document has this id"
            )
        done.warnings.extend(_unknown_members(file, documents, name))
    for file in (f for f in files if f.startswith("songs-")):
        _add_songs(done, file, files[file], ids)
    for file in (f for f in files if f.startswith("charts-")):
        _add_charts(done, file, files[file], ids, gpt_of(file.removeprefix("charts-"), groups))
    _add_folders(done, files.get("folders"), ids, groups)
    _add_goals(done, files.get("goals"), ids, groups)
    for name in ("quests", "questlines"):
        if name in files:
            done.add(name, [_of_gpt(d, groups) for d in files[name]])
    for file in (f for f in files if f.endswith(COURSES)):
        _add_courses(done, file, files[file], groups)
    return done


def _collection(file: str) -> str:
    """The kind of documents that a file has."""
    name, _, game = file.partition("-")
    if file.endswith(COURSES):
        return "courses"
    if name not in SCHEMAS or name == "courses" or bool(game) != (name in ("songs", "charts")):
        raise CatalogueError(f"The catalogue has no collection {file!r:.200}.")
    return name


def _unknown_members(file: str, documents: Sequence[Document], name: str) -> Iterator[str]:
    """A sentence if documents have members that no document of their kind should have."""
    known = {*SCHEMAS[name].members}
    unknown = set[str]().union(*documents) - known
    if unknown:
        count = sum(not known.issuperset(document) for document in documents)
        names = ", ".join(sorted(unknown)[:5])
        yield f"{file}: {count:,} documents have members that are not known, which are left out: {names}."


def _add_songs(done: Translation, file: str, documents: Sequence[Document], ids: Ids) -> None:
    ids.songs.update({d["id"]: d["legacySongID"] for d in documents})
    translated = [
        {"id": d["legacySongID"], **{member: d[member] for member in _SONG if member in d}}
        for d in documents
    ]
    done.add(file, translated, v3_id=[d["id"] for d in documents])


def _add_charts(
    done: Translation, file: str, documents: Sequence[Document], ids: Ids, gpt: tuple[str, str]
) -> None:
    game, playtype = gpt
    unknown = pl.Series([d["songID"] not in ids.songs for d in documents], dtype=pl.Boolean)
    refuse(unknown, documents, file, "id", f"its songID is that of no song in songs-{game}")
    ids.charts.update({d["id"]: d["legacyChartID"] for d in documents})
    translated = [
        {
            "chartID": d["legacyChartID"],
            "songID": ids.songs[d["songID"]],
            "playtype": playtype,
            **{member: d[member] for member in _CHART},
            "data": _chart_data(d["data"]),
        }
        for d in documents
    ]
    done.add(f"charts-{game}", translated, v3_id=[d["id"] for d in documents])


def _chart_data(data: Document | list[Any]) -> Document:
    """The data with ``tableFolders`` as a list, as v2 has it; an empty list is an empty object."""
    if isinstance(data, list):
        return {}
    tables = data.get("tableFolders")
    if not isinstance(tables, dict):
        return data
    listed = [{"table": table, "level": level} for table, level in tables.items()]
    return {**data, "tableFolders": listed}


def _add_folders(
    done: Translation, documents: Sequence[Document] | None, ids: Ids, groups: set[str]
) -> None:
    if documents is None:
        return
    ids.folders.update({d["id"]: d["legacyFolderID"] for d in documents})
    wrong = [_what_is_wrong(d["where"]) for d in documents]
    done.warnings.extend(
        f"The folder {d['title']!r:.200} of {d['game']} ({d['legacyFolderID']}) has no charts, as its"
        f" predicate cannot be read ({reason}): {d['where'][:200]}"
        for d, reason in zip(documents, wrong, strict=True)
        if reason is not None
    )
    translated = [
        {
            **_of_gpt(d, groups),
            "folderID": d["legacyFolderID"],
            "type": "where" if reason is None else "unreadable",
            "data": {"where": d["where"], "versions": d.get("versionFilter") or []},
        }
        for d, reason in zip(documents, wrong, strict=True)
    ]
    identifiers = [d["id"] for d in documents]
    done.add("folders", translated, v3_id=identifiers, slug=[d.get("slug") for d in documents])


def _what_is_wrong(where: str) -> str | None:
    try:
        parse(where)
    except PredicateError as error:
        return str(error)
    return None


def _add_goals(
    done: Translation, documents: Sequence[Document] | None, ids: Ids, groups: set[str]
) -> None:
    """Goals keep their IDs; one on a chart or folder that is not known keeps that, and finds no charts."""
    if documents is None:
        return
    known: dict[str, Mapping[str, str]] = {"folder": ids.folders}
    translated = [
        {
            **_of_gpt(d, groups),
            "charts": {
                "type": d["charts"]["type"],
                "data": _legacy(d["charts"]["data"], known.get(d["charts"]["type"], ids.charts)),
            },
        }
        for d in documents
    ]
    done.add("goals", translated)


def _legacy(stated: Any, known: Mapping[str, str]) -> Any:
    if isinstance(stated, list):
        return [_legacy(one, known) for one in stated]
    return known.get(stated, stated) if isinstance(stated, str) else stated


def _of_gpt(document: Document, groups: set[str]) -> Document:
    """The document with game and playtype instead of the v3 game."""
    game, playtype = gpt_of(document["game"], groups)
    return {**document, "game": game, "playtype": playtype}


def _add_courses(
    done: Translation, file: str, documents: Sequence[Document], groups: set[str]
) -> None:
    """Courses of classes that are not known here are left out."""
    left_out = 0
    for document in [_of_gpt(d, groups) for d in documents]:
        game = document.pop("game")
        if is_class(game, document["playtype"], document["set"], document["value"]):
            done.add(f"courses-{game}", [document])
        else:
            left_out += 1
    if left_out:
        done.warnings.append(
            f"{file}: {left_out} courses are for classes that are not known; left out."
        )
