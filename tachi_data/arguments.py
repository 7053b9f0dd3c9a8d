"""Arguments as callers give them: what is not what it should be is refused in one sentence, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from tachi_data.errors import TachiError


def refuse(name: str, expected: str, value: object) -> TachiError:
    """Returns the refusal of an argument.

    >>> print(refuse("user_id", "the number of a player", "akari"))
    user_id: expected the number of a player, got 'akari'.
    """
    return TachiError(f"{name}: expected {expected}, got {_short(value)}.")


def _short(value: object) -> str:
    """A value in a sentence: itself where it is short, else its type."""
    plain = value is None or isinstance(value, (str, int, float, bool, bytes, PathLike))
    return f"{value!r:.80}" if plain else f"a {type(value).__name__}"


def whole(name: str, value: object, expected: str) -> int:
    """Returns a whole number.

    Raises:
        TachiError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(name, expected, value)
    return value


def player(value: object, name: str = "user_id") -> int:
    """Returns the number of a player.

    Raises:
        TachiError: It is none.
    """
    return whole(name, value, "the number of a player, such as 1")


def players(value: object) -> list[int] | None:
    """Returns the numbers of players; None, which means everybody, stays.

    Raises:
        TachiError: It is no list of numbers.
    """
    if value is None:
        return None
    return [player(one, "user_ids") for one in listed("user_ids", value, "[1, 2]")]


def moment(value: object) -> int | None:
    """Returns a time in Unix milliseconds; None, which means the present, stays.

    Raises:
        TachiError: It is none.
    """
    return None if value is None else whole("now", value, "Unix milliseconds")


def listed(name: str, value: Any, example: str) -> list[Any]:
    """Returns the members of a list.

    >>> listed("games", "iidx", '["iidx"]')
    Traceback (most recent call last):
        ...
    tachi_data.errors.TachiError: games: expected a list, such as ["iidx"], got 'iidx'.

    Raises:
        TachiError: It is none: a text would be taken for a list of its letters.
    """
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        raise refuse(name, f"a list, such as {example}", value)
    return list(value)


def folder_path(name: str, value: object) -> Path:
    """Returns a path.

    Raises:
        TachiError: It is neither a text nor a path, or is empty.
    """
    if not isinstance(value, (str, PathLike)) or value == "":
        raise refuse(name, "a path", value)
    return Path(value)
