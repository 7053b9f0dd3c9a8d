"""Documents become rows: which member goes to which column, and of what type it has to be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
import polars as pl

from tachi_data import games
from tachi_data.errors import CatalogueError
from tachi_data.reference.canonical import canonical
from tachi_data.tables.catalogue import COLLECTIONS

MISSING: Any = object()
_LARGEST = 2**53 - 1
# Numbers that orjson does not write as ECMAScript does: 12.0, 1e16, and very large ones.
_ODD_NUMBER = re.compile(rb"[:,\[]-?(?:[\d.]*(?:\.0|e[+-]?\d+)|\d{16,})[,}\]]")


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


@dataclass(frozen=True)
class Kind:
    """What a member may be. ``store`` turns it into what is kept, where that is not the same."""

    called: str
    types: frozenset[type]
    store: Callable[[Any], Any] | None = None


TEXT = Kind("a text", frozenset({str}))
WHOLE = Kind("an integer", frozenset({int}))
NUMBER = Kind("a number", frozenset({int, float}))
FLAG = Kind("true or false", frozenset({bool}))
# Polars makes lists from JSON ten times as fast as from Python's.
TEXTS = Kind("a list of texts", frozenset({list}), _json)
OBJECT = Kind("an object", frozenset({dict}), _json)
LIST = Kind("a list", frozenset({list}), _json)
QUERY = Kind("an object or a list", frozenset({dict, list}), _json)
IDS = Kind("a text or a list", frozenset({str, list}), _json)
_NULL = frozenset({type(None)})
# What the types that games declare for members of ``data`` allow; null is always possible.
_KINDS: dict[Any, Kind] = {
    pl.String: Kind("a text", TEXT.types | _NULL),
    pl.Int64: Kind("a number", NUMBER.types | _NULL),
    pl.Float64: Kind("a number", NUMBER.types | _NULL),
    pl.Boolean: Kind("true or false", FLAG.types | _NULL),
    pl.List: Kind("a list", LIST.types | _NULL),
    pl.Struct: Kind("an object", OBJECT.types | _NULL),
}


@dataclass(frozen=True)
class Member:
    """A member of a document, by its path; one with a ``default`` may be missing."""

    path: str
    kind: Kind
    default: Any = MISSING


_COMMON = {
    "game": Member("game", TEXT),
    "playtype": Member("playtype", TEXT),
}
MEMBERS: dict[str, dict[str, Member]] = {
    "songs": {
        "song_id": Member("id", WHOLE),
        "title": Member("title", TEXT),
        "artist": Member("artist", TEXT),
        "alt_titles": Member("altTitles", TEXTS, []),
        "search_terms": Member("searchTerms", TEXTS, []),
        "data": Member("data", OBJECT, {}),
    },
    "charts": {
        "chart_id": Member("chartID", TEXT),
        "song_id": Member("songID", WHOLE),
        "playtype": Member("playtype", TEXT),
        "difficulty": Member("difficulty", TEXT),
        "level": Member("level", TEXT),
        "level_num": Member("levelNum", NUMBER),
        "is_primary": Member("isPrimary", FLAG),
        "versions": Member("versions", TEXTS),
        "data": Member("data", OBJECT),
    },
    "folders": {
        "folder_id": Member("folderID", TEXT),
        **_COMMON,
        "title": Member("title", TEXT),
        "type": Member("type", TEXT),
        "data": Member("data", QUERY),
        "inactive": Member("inactive", FLAG, False),
    },
    "goals": {
        "goal_id": Member("goalID", TEXT),
        **_COMMON,
        "name": Member("name", TEXT),
        "charts_type": Member("charts.type", TEXT),
        "charts_data": Member("charts.data", IDS),
        "criteria_key": Member("criteria.key", TEXT),
        "criteria_mode": Member("criteria.mode", TEXT),
        "criteria_value": Member("criteria.value", NUMBER),
        "count_num": Member("criteria.countNum", _KINDS[pl.Float64], None),
    },
    "quests": {
        "quest_id": Member("questID", TEXT),
        **_COMMON,
        "name": Member("name", TEXT),
        "desc": Member("desc", TEXT, ""),
        "quest_data": Member("questData", LIST),
    },
    "questlines": {
        "questline_id": Member("questlineID", TEXT),
        **_COMMON,
        "name": Member("name", TEXT),
        "desc": Member("desc", TEXT, ""),
        "quests": Member("quests", TEXTS),
    },
    "courses": {
        "md5sums": Member("md5sums", TEXT),
        "playtype": Member("playtype", TEXT),
        "title": Member("title", TEXT),
        "set": Member("set", TEXT),
        "value": Member("value", TEXT),
    },
}


def rows_of(name: str, documents: Sequence[Any], game: str | None, origin: str) -> pl.DataFrame:
    """Rows for the table ``name``, one per document, in order.

    Args:
        name: Of the collection, such as ``songs`` or ``goals``.
        documents: What it consists of.
        game: The game of all of them; None if each one says it.
        origin: Where they are from.

    Raises:
        CatalogueError: A document is not what it should be.
    """
    source = name if game is None else f"{name}-{game}"
    table, members = COLLECTIONS[name].table, MEMBERS[name]
    _check(documents, documents, Member("", OBJECT), source, "")
    identifier = next(iter(members.values())).path
    digests = _digests(documents, source)
    columns: dict[str, Any] = {
        column: _column(documents, member, source, identifier) for column, member in members.items()
    }
    lists = [column for column, member in members.items() if member.kind is TEXTS]
    types = {n: table.columns[n] for n in columns if n not in lists}
    rows = pl.DataFrame(
        {**columns, "digest": digests},
        schema_overrides=types | dict.fromkeys((*lists, "digest"), pl.String()),
    )
    fixed = {"origin": origin} if game is None else {"origin": origin, "game": game}
    return rows.with_columns(
        *(pl.col(n).str.json_decode(pl.List(pl.String)) for n in lists),
        *(pl.lit(v).alias(n) for n, v in fixed.items()),
    ).select(*table.columns)


def check_data(name: str, documents: Sequence[Any], game: str) -> None:
    """Refuse documents whose ``data`` is not of the types that expressions of the game rely on."""
    identifier = next(iter(MEMBERS[name].values())).path
    for member, dtype in data_types(name, game).items():
        kind = _KINDS[dtype.base_type()]
        _column(documents, Member(f"data.{member}", kind, None), f"{name}-{game}", identifier)


def data_types(name: str, game: str) -> dict[str, pl.DataType]:
    """The members of ``data`` that the game's expressions read, in all its playtypes."""
    declared = [g.chart_data if name == "charts" else g.song_data for g in games.gpts(game)]
    return {member: dtype for members in declared for member, dtype in members.items()}


def _column(documents: Sequence[Any], member: Member, source: str, identifier: str) -> list[Any]:
    values: list[Any] = list(documents)
    for step in member.path.split("."):
        values = [v.get(step, MISSING) if type(v) is dict else MISSING for v in values]
    if member.default is not MISSING:
        values = [member.default if v is MISSING else v for v in values]
    _check(values, documents, member, source, identifier)
    return values if member.kind.store is None else list(map(member.kind.store, values))


def _check(
    values: Sequence[Any], documents: Sequence[Any], member: Member, source: str, identifier: str
) -> None:
    """Refuse values of the wrong type, by the first of them."""
    kind = member.kind
    wrong = set(map(type, values)) - kind.types
    if wrong:
        position = next(i for i, v in enumerate(values) if type(v) in wrong)
    elif kind is TEXTS and set(map(type, chain.from_iterable(values))) - {str}:
        position = next(i for i, v in enumerate(values) if set(map(type, v)) - {str})
    elif kind is WHOLE and max(map(abs, values), default=0) > _LARGEST:
        position = next(i for i, v in enumerate(values) if abs(v) > _LARGEST)
    else:
        return
    label = f" ({identifier} {_shown(documents[position].get(identifier))})" if identifier else ""
    what = f"{member.path} must be {kind.called}" if member.path else f"must be {kind.called}"
    value = values[position]
    found = "is missing" if value is MISSING else f"is {_shown(value)}"
    raise CatalogueError(f"{source}, document {position}{label}: {what}, but {found}.")


def _shown(value: Any) -> str:
    text = repr(value) if value is not None else "null"
    return text if len(text) <= 60 else f"{text[:60]}…"


def _digests(documents: Iterable[Any], source: str) -> list[str]:
    """The SHA-256 of each document's canonical text."""
    try:
        texts = [orjson.dumps(d, option=orjson.OPT_SORT_KEYS) for d in documents]
    except TypeError as error:
        raise CatalogueError(f"{source} cannot be written as JSON: {error}.") from error
    # orjson is thirty times as fast, and differs from the canonical text only in odd numbers.
    sha256, odd = hashlib.sha256, _ODD_NUMBER.search
    return [sha256(canonical(orjson.loads(t)).encode() if odd(t) else t).hexdigest() for t in texts]
