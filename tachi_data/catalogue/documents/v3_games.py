"""The names of games in a v3 catalogue: one word where v2 has a game and a playtype."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from tachi_data import games

# The v3 games that tell their playtype although their game has no other.
_TELLING = frozenset({"itg-stamina"})


@cache
def v3_games() -> dict[str, tuple[str, str]]:
    """Game and playtype of each v3 game that there is.

    >>> v3_games()["iidx-sp"], v3_games()["chunithm"], v3_games()["itg-stamina"]
    (('iidx', 'SP'), ('chunithm', 'Single'), ('itg', 'Stamina'))
    """
    return {_name(gpt.game, gpt.playtype): (gpt.game, gpt.playtype) for gpt in _gpts()}


def _gpts() -> list[games.GPT]:
    return [gpt for game in games.names() for gpt in games.gpts(game)]


def _name(game: str, playtype: str) -> str:
    telling = f"{game}-{playtype.lower()}"
    return telling if len(games.gpts(game)) > 1 or telling in _TELLING else game


def gpt_of(v3_game: str, groups: Collection[str] = ()) -> tuple[str, str]:
    """Game and playtype of a v3 game, which may be one that is not known here.

    Args:
        v3_game: Such as ``iidx-sp``.
        groups: The games that have files of songs. An unknown v3 game belongs to the one that its name
            begins with, and is a game of its own where there is none.

    >>> gpt_of("poco"), gpt_of("chess-blitz", ["chess"])
    (('poco', 'Single'), ('chess', 'blitz'))
    """
    if v3_game in v3_games():
        return v3_games()[v3_game]
    for group in sorted(groups, key=len, reverse=True):
        if v3_game.startswith(f"{group}-"):
            return group, v3_game.removeprefix(f"{group}-")
    return v3_game, "Single"


def group_of(name: str, groups: Collection[str] = ()) -> str:
    """The game that a file is about: ``name`` is a game, as in v2, or a v3 game."""
    return name if name in games.names() or name in groups else gpt_of(name, groups)[0]
