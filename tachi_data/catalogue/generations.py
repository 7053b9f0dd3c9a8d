"""The rules of a store: those of the generation, v2 or v3, that its catalogue has."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from tachi_data.catalogue.derived import stale_games
from tachi_data.catalogue.documents.applying import catalogue_generation
from tachi_data.games import GPT, gpts


def stale(con: DuckDBPyConnection) -> list[str]:
    """Returns the games whose stored scores follow older rules than the store and this program have.

    Example:
        >>> with store.read() as con:
        ...     stale(con)
        []
    """
    return stale_games(con, catalogue_generation(con))


def rules(game: str, con: DuckDBPyConnection) -> tuple[GPT, ...]:
    """The playtypes of a game, with the rules that hold in a store.

    Args:
        game: The game.
        con: A connection to the store.
    """
    return gpts(game, catalogue_generation(con))
