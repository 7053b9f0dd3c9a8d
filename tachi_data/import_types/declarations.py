"""Checks of the declarations of import types against their games, before anything is imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from tachi_data import games
from tachi_data.games import GPT
from tachi_data.names import snake
from tachi_data.records import columns

if TYPE_CHECKING:
    from tachi_data.import_types.model import Conversion, ImportType

FAMILIES = ("file", "api", "ir")
# The columns of a dry score that every game has.
COMMON = ("service", "comment", "time_achieved", "score_meta", "highlight")
# What a look-up may state; these are the columns of `tachi_data.matching.KEYS`.
LOOK_UP = (
    *("song_kind", "song_key", "song_exact", "song_first", "artist", "chart_kind", "chart_key"),
    *("playtype", "difficulty", "version", "level", "primary_only", "official_only", "only_one"),
)


def check(kind: ImportType) -> None:
    """Check what an import type declares, and its conversion, if there is one for all games.

    Raises:
        ValueError: With the ID of the import type, what is wrong, and what is legal.
    """
    for problem in _problems(kind):
        raise ValueError(f"{kind.id}: {problem}")
    if kind.has_one_game:
        kind.conversion_of(games.gpts(kind.games[0])[0])


def check_conversion(conversion: Conversion, gpt: GPT, id_: str) -> None:
    """Check the columns, the look-up and the expressions of a conversion.

    Raises:
        ValueError: With the ID of the import type, what is wrong, and what is legal.
    """
    for name, what, legal in _names(conversion, gpt):
        if name not in legal:
            raise ValueError(f"{id_}: {name!r} is no {what}; there are: {', '.join(legal)}.")


def _problems(kind: ImportType) -> Iterator[str]:
    family, _, name = kind.id.partition("/")
    if family not in FAMILIES or not name:
        yield f"its ID must start with one of {', '.join(f'{f}/' for f in FAMILIES)}."
    unknown = [game for game in kind.games if game not in games.names()]
    if unknown or not kind.games:
        yield f"its games are {', '.join(kind.games) or 'none'}; there are: {', '.join(games.names())}."
    if family == "api" and (kind.service is None or kind.fetch is None):
        yield "a type of api/ needs a service and a way to fetch its answers."
    if family == "ir" and kind.route is None:
        yield "a type of ir/ needs the route that its client sends to."
    if len(set(kind.options)) < len(kind.options):
        yield f"one of its options is there twice: {', '.join(kind.options)}."


def _names(conversion: Conversion, gpt: GPT) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Names that a conversion uses, what each is, and which there are."""
    counts = (
        *(f"judgements.{snake(name)}" for name in gpt.judgements),
        *(f"optional.{snake(name)}" for name in gpt.optional),
    )
    score = (*map(snake, gpt.provided), *counts, *COMMON)
    yield from ((name, f"column of a score of {gpt.id}", score) for name in conversion.columns)
    bare = tuple(name.split(".")[1] for name in counts)
    yield from ((n, f"judgement or optional metric of {gpt.id}", bare) for n in conversion.absent)
    yield from ((name, "column of a look-up", LOOK_UP) for name in conversion.match)
    read = tuple(columns([], conversion.record).columns)
    shared = tuple(columns([], conversion.context, "context").columns)
    for name in sorted(_roots(conversion)):
        if name.startswith("raw."):
            yield name, "column of the record", read
        elif name.startswith("context."):
            yield name, "column of the context", shared


def _roots(conversion: Conversion) -> set[str]:
    """The columns that the expressions of a conversion read."""
    messages = [r.message for r in conversion.rules if isinstance(r.message, pl.Expr)]
    expressions = (
        *conversion.columns.values(),
        *conversion.match.values(),
        *(rule.when for rule in conversion.rules),
        *messages,
    )
    return {name for expression in expressions for name in expression.meta.root_names()}
