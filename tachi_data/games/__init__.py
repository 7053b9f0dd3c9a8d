"""The games: one module per game, one value per playtype, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tachi_data.errors import TachiError, UnknownNameError
from tachi_data.games.match_types import COMMON, MatchType
from tachi_data.games.model import (
    GPT,
    BestOf,
    Class,
    Decimal,
    Enum,
    Grade,
    Graph,
    Integer,
    Merge,
    Metric,
    OneOf,
    PersonalBest,
    Rating,
    SongKey,
    Special,
    Validator,
)

__all__ = [
    "GPT",
    "BestOf",
    "Class",
    "Decimal",
    "Enum",
    "Grade",
    "Graph",
    "Integer",
    "MatchType",
    "Merge",
    "Metric",
    "OneOf",
    "PersonalBest",
    "Rating",
    "SongKey",
    "Special",
    "Validator",
    "gpt",
    "gpts",
    "match_type_names",
    "named",
    "names",
]


@cache
def names() -> tuple[str, ...]:
    """All games, in alphabetical order: the modules here that have ``GPTS``."""
    modules = [m.name for m in pkgutil.iter_modules(__path__)]
    return tuple(n for n in modules if hasattr(import_module(f"{__name__}.{n}"), "GPTS"))


@cache
def gpts(game: str) -> tuple[GPT, ...]:
    """The playtypes of a game, in its configured order.

    Raises:
        UnknownNameError: There is no such game.
    """
    if game not in names():
        raise UnknownNameError("game", game, names())
    values: tuple[GPT, ...] = import_module(f"{__name__}.{game}").GPTS
    return values


def gpt(game: str, playtype: str) -> GPT:
    """One playtype of a game.

    Raises:
        UnknownNameError: There is no such game, or it has no such playtype.
    """
    found = {value.playtype: value for value in gpts(game)}
    if playtype not in found:
        raise UnknownNameError(f"playtype of {game}", playtype, found)
    return found[playtype]


def named(text: str) -> tuple[GPT, ...]:
    """The playtypes that a text such as ``iidx`` or ``iidx:SP`` names.

    >>> [[gpt.id for gpt in named(text)] for text in ("iidx", "iidx:DP")]
    [['iidx:SP', 'iidx:DP'], ['iidx:DP']]

    Raises:
        UnknownNameError: There is no such game, or it has no such playtype.
    """
    if not isinstance(text, str):
        raise TachiError(f"A game is a text such as 'iidx' or 'iidx:SP', not {text!r:.60}.")
    game, _, playtype = text.partition(":")
    return (gpt(game, playtype),) if playtype else gpts(game)


@cache
def match_type_names() -> tuple[str, ...]:
    """The names that documents may give a match type: those of all games, the common ones first."""
    own = (kind for game in names() for value in gpts(game) for kind in value.match_types)
    return tuple(dict.fromkeys(kind.name for kind in (*COMMON, *own)))
