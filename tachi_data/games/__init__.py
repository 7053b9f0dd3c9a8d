"""The games: one module per game, one value per playtype, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

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
    "Merge",
    "Metric",
    "OneOf",
    "PersonalBest",
    "Rating",
    "Special",
    "Validator",
    "gpt",
    "gpts",
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
