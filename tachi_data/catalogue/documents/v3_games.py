"""The names of games in a v3 catalogue: one word where v2 has a game and a playtype."""

from __future__ import annotations

from collections.abc import Collection

from tachi_data import games


def gpt_of(v3_game: str, groups: Collection[str] = ()) -> tuple[str, str]:
    """Game and playtype of a v3 game, which may be one that is not known here.

    Args:
        v3_game: Such as ``iidx-sp``.
        groups: The games that have files of songs. An unknown v3 game belongs to the one that its name
            begins with, and is a game of its own where there is none.

    >>> gpt_of("poco"), gpt_of("chess-blitz", ["chess"])
    (('poco', 'Single'), ('chess', 'blitz'))
    """
    if v3_game in games.v3_games():
        return games.v3_games()[v3_game]
    for group in sorted(groups, key=len, reverse=True):
        if v3_game.startswith(f"{group}-"):
            return group, v3_game.removeprefix(f"{group}-")
    return v3_game, "Single"


def group_of(name: str, groups: Collection[str] = ()) -> str:
    """The game that a file is about: ``name`` is a game, as in v2, or a v3 game."""
    return name if name in games.names() or name in groups else gpt_of(name, groups)[0]
