"""Documents of the catalogue of 2025 ("v2") become rows: which member goes to which column.

This form is also how rows are told apart: a row's digest is that of its document in this form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from tachi_data.catalogue.documents.members import data_schema
from tachi_data.errors import CatalogueError
from tachi_data.names import snake
from tachi_data.records import Fitted, columns, fit
from tachi_data.records.schema import Anything, Bool, Int, Kind, ListOf, Num, Object, Str
from tachi_data.reference.canonical import canonical_texts
from tachi_data.tables.catalogue import COLLECTIONS

# Lists of texts, and what is kept as JSON text.
TEXTS = ListOf(Str())
MAYBE_TEXTS = ListOf(Str(), optional=True)
JSON = Anything(as_json=True, optional=False, nullable=False)
GOAL_CHARTS = Object({"type": Str(), "data": JSON})
CRITERIA = Object(
    {
        "key": Str(),
        "mode": Str(),
        "value": Num(),
        "countNum": Num(optional=True, nullable=True),
        "source": Str(optional=True, nullable=True),
    }
)
_GPT: dict[str, Kind] = {"game": Str(), "playtype": Str()}
# The members of each collection's documents, the one that identifies a document first.
MEMBERS: dict[str, dict[str, Kind]] = {
    "songs": {
        "id": Int(),
        "title": Str(),
        "artist": Str(),
        "altTitles": MAYBE_TEXTS,
        "searchTerms": MAYBE_TEXTS,
    },
    "charts": {
        "chartID": Str(),
        "songID": Int(),
        "playtype": Str(),
        "difficulty": Str(),
        "level": Str(),
        "levelNum": Num(),
        "isPrimary": Bool(),
        "versions": TEXTS,
    },
    "folders": {
        "folderID": Str(),
        **_GPT,
        "title": Str(),
        "type": Str(),
        "data": JSON,
        "inactive": Bool(optional=True),
    },
    "goals": {
        "goalID": Str(),
        **_GPT,
        "name": Str(),
        "charts": GOAL_CHARTS,
        "criteria": CRITERIA,
    },
    "quests": {
        "questID": Str(),
        **_GPT,
        "name": Str(),
        "desc": Str(optional=True),
        "questData": JSON,
    },
    "questlines": {
        "questlineID": Str(),
        **_GPT,
        "name": Str(),
        "desc": Str(optional=True),
        "quests": TEXTS,
    },
    "courses": {
        "md5sums": Str(),
        "playtype": Str(),
        "title": Str(),
        "set": Str(),
        "value": Str(),
    },
}
# Columns with another name than their member.
_RENAMED = {"id": "song_id", "criteria.countNum": "count_num"}
# What a member is that is not there.
_ABSENT: dict[str, pl.Expr] = {
    "alt_titles": pl.lit([], dtype=pl.List(pl.String)),
    "search_terms": pl.lit([], dtype=pl.List(pl.String)),
    "data": pl.lit("{}"),
    "inactive": pl.lit(False),
    "desc": pl.lit(""),
}
# What JSON texts have to begin with, and how that is called.
_BEGINNINGS = {
    "charts.data": ('["\\[]', "a string or an array"),
    "questData": (r"\[", "an array"),
}


def identifier(name: str) -> str:
    """The member that identifies a document of a collection, such as ``chartID``."""
    return next(iter(MEMBERS[name]))


def rows_of(name: str, documents: Sequence[Any], game: str | None, origin: str) -> pl.DataFrame:
    """Rows for a table of the catalogue, one per document, in order.

    Args:
        name: Of the collection, such as ``songs`` or ``goals``.
        documents: The documents, which are JSON values of Python.
        game: The game of all of them; None if each one says it.
        origin: Where they are from: ``seeds``, ``patch`` or ``queue``.

    Returns:
        The columns of the table that documents of this form have.

    Raises:
        CatalogueError: A document is not what it should be.
    """
    source = name if game is None else f"{name}-{game}"
    members = dict(MEMBERS[name])
    if name in ("songs", "charts") and game is not None:
        members["data"] = data_schema(name, game, optional=name == "songs")
    schema = Object(members)
    raw = columns(checked(documents, schema, source, identifier(name)).structs, schema)
    for path, (beginning, called) in _BEGINNINGS.items():
        if f"raw.{path}" in raw.columns:
            wrong = ~raw[f"raw.{path}"].str.contains(f"^{beginning}")
            refuse(wrong, documents, source, identifier(name), f"{path}: expected {called}")
    rows = raw.rename(_column).with_columns(
        pl.Series("digest", _digests(documents), dtype=pl.String), origin=pl.lit(origin)
    )
    if game is not None:
        rows = rows.with_columns(game=pl.lit(game))
    types = COLLECTIONS[name].table.columns
    absent = [pl.col(c).fill_null(value) for c, value in _ABSENT.items() if c in rows.columns]
    return rows.with_columns(absent).select(
        pl.col(column).cast(dtype) for column, dtype in types.items() if column in rows.columns
    )


def checked(documents: Sequence[Any], schema: Object, source: str, identified_by: str) -> Fitted:
    """Read documents, and refuse the first one that is not what it should be.

    Args:
        documents: The documents, which are JSON values of Python.
        schema: What each of them has to look like.
        source: What the documents are called in messages, such as ``charts-iidx``.
        identified_by: The member that names a document in messages.

    Raises:
        CatalogueError: A document is not what it should be, or holds what JSON cannot say.
    """
    strange = pl.Series([type(d) is not dict for d in documents], dtype=pl.Boolean)
    refuse(strange, documents, source, identified_by, "expected an object")
    try:
        orjson.dumps(documents)
    except TypeError as error:
        raise CatalogueError(f"{source} cannot be written as JSON: {error}.") from None
    fitted = fit(documents, schema)
    if fitted.violations:
        position = min(fitted.violations)
        label = _label(documents[position], identified_by)
        raise CatalogueError(f"{source}, document {position}{label}: {fitted.violations[position]}")
    return fitted


def refuse(
    wrong: pl.Series, documents: Sequence[Any], source: str, identified_by: str, message: str
) -> None:
    """Refuse the first document where ``wrong`` is true, if there is one.

    Args:
        wrong: A boolean for each document.
        documents: The documents.
        source: What they are called in the message, such as ``charts-iidx``.
        identified_by: The member that names a document in the message.
        message: What is wrong, without a full stop.

    Raises:
        CatalogueError: There is such a document.
    """
    if not wrong.any():
        return
    position = wrong.arg_true()[0]
    label = _label(documents[position], identified_by)
    raise CatalogueError(f"{source}, document {position}{label}: {message}.")


def _label(document: Any, identified_by: str) -> str:
    stated: Mapping[str, Any] = document if isinstance(document, dict) else {}
    if identified_by not in stated:
        return ""
    text = repr(stated[identified_by])
    return f" ({identified_by} {text if len(text) <= 60 else text[:60] + '…'})"


def _column(path: str) -> str:
    path = path.removeprefix("raw.")
    return _RENAMED.get(path) or snake(path.replace(".", "_"))


def _digests(documents: Sequence[Any]) -> list[str]:
    """The SHA-256 of each document's canonical text."""
    sha256 = hashlib.sha256
    return [sha256(text.encode()).hexdigest() for text in canonical_texts(documents)]
