"""The games: one module per game, one value per playtype, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

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
    "names",
]


@cache
def names() -> tuple[str, ...]:
    """All games, in alphabetical order: the modules here that have ``GPTS``."""
    modules = [m.name for m in pkgutil.iter_modules(__path__)]
    return tuple(n for n in modules if hasattr(import_module(f"{__name__}.{n}"), "GPTS"))


@cache
def gpts(game: str) -> tuple[GPT, ...]:
    """The playtypes of a game, in its configured order. KeyError where there is no such game."""
    if game not in names():
        raise KeyError(game)
    values: tuple[GPT, ...] = import_module(f"{__name__}.{game}").GPTS
    return values


def gpt(game: str, playtype: str) -> GPT:
    """One playtype of a game. Raises KeyError where there is none."""
    return {value.playtype: value for value in gpts(game)}[playtype]


@cache
def match_type_names() -> tuple[str, ...]:
    """The names that documents may give a match type: those of all games, the common ones first."""
    own = (kind for game in names() for value in gpts(game) for kind in value.match_types)
    return tuple(dict.fromkeys(kind.name for kind in (*COMMON, *own)))
