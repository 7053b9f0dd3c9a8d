"""The games: one module per game, one value per playtype, found by walking this package.

The original server has two generations, v2 and v3 (of 2026), and a store has the one of its catalogue. To ask
for the rules of a game and playtype:

- ``gpt("sdvx", "Single")`` has the rules of v2, ``gpt("sdvx", "Single", 3)`` those of v3;
- ``gpts("iidx", 3)`` has all playtypes of a game;
- ``tachi_data.catalogue.rules("iidx", con)`` has them in the generation of the store behind a connection. What
  judges, rates, merges, ranks or shows scores asks this way;
- ``every_gpt("iidx")`` has both generations, for what fits either: the columns of tables.

Reading an import, finding its charts and the score ID are the same in both generations, so `parse` and `match`
ask for no generation: what v3 only adds (difficulties, versions, match types, values of classes that are
provided) stands in the declaration of v2, too. A module declares what v3 changed in ``V3``, right below
``GPTS``: ``V3 = (SINGLE.in_v3(ranking=…, ratings=…),)``. ``v3_games()`` has the names of v3.
"""

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
    "every_gpt",
    "gpt",
    "gpts",
    "match_type_names",
    "named",
    "names",
    "rules_version",
    "v3_games",
    "v3_name",
]


@cache
def names() -> tuple[str, ...]:
    """All games, in alphabetical order: the modules here that have ``GPTS``."""
    modules = [m.name for m in pkgutil.iter_modules(__path__)]
    return tuple(n for n in modules if hasattr(import_module(f"{__name__}.{n}"), "GPTS"))


@cache
def gpts(game: str, generation: int = 2) -> tuple[GPT, ...]:
    """The playtypes of a game, in its configured order, with the rules of one generation, 2 or 3.

    Raises:
        UnknownNameError: There is no such game.
    """
    if game not in names():
        raise UnknownNameError("game", game, names())
    module = import_module(f"{__name__}.{game}")
    values: tuple[GPT, ...] = module.GPTS
    if generation == 2:
        return values
    changed: tuple[GPT, ...] = getattr(module, "V3", ())
    return changed or tuple(gpt.in_v3(ranking=gpt.personal_best.ranking) for gpt in values)


def gpt(game: str, playtype: str, generation: int = 2) -> GPT:
    """One playtype of a game, with the rules of one generation.

    Raises:
        UnknownNameError: There is no such game, or it has no such playtype.
    """
    found = {value.playtype: value for value in gpts(game, generation)}
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
def rules_version(game: str) -> int:
    """The version of a game's rules: ``RULES`` of its module, 1 where there is none.

    Raise it with every change of a derived metric, rating, class or rule of personal bests: then stores derive the
    scores of the game again.
    """
    return int(getattr(import_module(f"{__name__}.{game}"), "RULES", 1))


@cache
def every_gpt(game: str) -> tuple[GPT, ...]:
    """The playtypes of a game with the rules of each generation, those of v2 first."""
    return (*gpts(game, 2), *gpts(game, 3))


@cache
def v3_games() -> dict[str, tuple[str, str]]:
    """Game and playtype of each v3 game that there is.

    >>> v3_games()["iidx-sp"], v3_games()["chunithm"], v3_games()["itg-stamina"]
    (('iidx', 'SP'), ('chunithm', 'Single'), ('itg', 'Stamina'))
    """
    found = (gpt for game in names() for gpt in gpts(game))
    return {v3_name(gpt.game, gpt.playtype): (gpt.game, gpt.playtype) for gpt in found}


def v3_name(game: str, playtype: str) -> str:
    """The v3 game of a game and playtype.

    >>> v3_name("iidx", "SP"), v3_name("chunithm", "Single"), v3_name("itg", "Stamina")
    ('iidx-sp', 'chunithm', 'itg-stamina')
    """
    usual = f"{game}-{playtype.lower()}" if len(gpts(game)) > 1 else game
    return gpt(game, playtype).v3_name or usual


@cache
def match_type_names() -> tuple[str, ...]:
    """The names that documents may give a match type: those of all games, the common ones first."""
    own = (kind for game in names() for value in gpts(game) for kind in value.match_types)
    return tuple(dict.fromkeys(kind.name for kind in (*COMMON, *own)))
