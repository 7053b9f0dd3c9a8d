"""Players: each is stored with the first import, token or account."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.games import names
from tachi_data.store import execute, query, statements

sql = statements("tachi_data.players")


def users_frame(user_ids: Iterable[int]) -> pl.DataFrame:
    """Return a frame of players.

    Args:
        user_ids: The players.

    Returns:
        One row per player: ``user_id``.

    Example:
        >>> users_frame([7, 8]).rows()
        [(7,), (8,)]
    """
    return pl.DataFrame({"user_id": list(user_ids)}, schema={"user_id": pl.Int64})


def games_played(con: DuckDBPyConnection, view: str, user_id: int | None) -> list[str]:
    """Return the games of which a player has rows, in the order of `games.names`.

    Args:
        con: The connection of a transaction.
        view: ``score_keys`` or ``pb_keys``.
        user_id: The player; None takes all players.
    """
    found = query(con, sql("games_played"), {"view": view, "user": user_id})["game"]
    return [game for game in names() if game in set(found)]


def create_users(user_ids: pl.Series, now: int, con: DuckDBPyConnection) -> None:
    """Store the players that are not stored yet.

    Args:
        user_ids: The players.
        now: Unix milliseconds: the time since when they are known.
        con: A transaction that writes.
    """
    users = pl.DataFrame({"user_id": user_ids.unique()}).with_columns(
        time_added=pl.lit(now).cast(pl.Datetime("ms"))
    )
    execute(con, sql("add_users"), wanted=users)
