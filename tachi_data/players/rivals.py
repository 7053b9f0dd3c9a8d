"""Rivals: the players whose scores a player wants to see beside their own, by game and playtype."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from tachi_data.errors import TachiError
from tachi_data.games import gpts
from tachi_data.store import Store, execute, insert, query, statements

sql = statements("tachi_data.players")

MOST = 5


def rivals_of(store: Store, user_id: int, games: Collection[str]) -> list[int]:
    """Return the rivals of a player in some games, each once.

    Args:
        store: The store.
        user_id: The player.
        games: The games, such as ``bms``.

    Returns:
        The IDs of the rivals, in the order in which the player named them.
    """
    pairs = [(gpt.game, gpt.playtype) for game in games for gpt in gpts(game)]
    return _rivals(store, user_id, pairs)


def rivals_on(store: Store, user_id: int, game: str, playtype: str) -> list[int]:
    """Return the rivals of a player on a game and playtype, in the order in which the player named them.

    Args:
        store: The store.
        user_id: The player.
        game: The game.
        playtype: The playtype.

    Returns:
        The players.

    Example:
        >>> rivals_on(store, 7, "iidx", "SP")
        []
    """
    return _rivals(store, user_id, [(game, playtype)])


def set_rivals(
    store: Store, user_id: int, game: str, playtype: str, rival_ids: Sequence[int]
) -> None:
    """Name the rivals of a player on a game and playtype, in place of earlier ones.

    Args:
        store: The store.
        user_id: The player.
        game: The game.
        playtype: The playtype.
        rival_ids: At most five other players.

    Raises:
        TachiError: There are too many, one is the player, or one is not known.
    """
    if len(rival_ids) > MOST or len(set(rival_ids)) < len(rival_ids):
        raise TachiError(f"rivalIDs: expected at most {MOST} players, each once.")
    if user_id in rival_ids:
        raise TachiError("rivalIDs: expected other players, but you are one of them.")
    named = pl.DataFrame({"user_id": list(rival_ids)}, schema={"user_id": pl.Int64})
    values = {"user": user_id, "game": game, "playtype": playtype}
    rows = named.select(
        rival_id="user_id",
        user_id=pl.lit(user_id, dtype=pl.Int64),
        game=pl.lit(game),
        playtype=pl.lit(playtype),
        ordinal=pl.int_range(pl.len()),
    )
    with store.write() as con:
        unknown = query(con, sql("unknown_users"), wanted=named)["user_id"].to_list()
        if unknown:
            raise TachiError(f"rivalIDs: there is no player {unknown[0]}.")
        execute(con, sql("delete_rivals"), values)
        insert(con, "rivals", rows)


def _rivals(store: Store, user_id: int, pairs: Sequence[tuple[str, str]]) -> list[int]:
    schema = {"game": pl.String, "playtype": pl.String}
    wanted = pl.DataFrame(list(pairs), schema=schema, orient="row")
    with store.read() as con:
        rows = query(con, sql("rivals"), {"user": user_id}, wanted=wanted)
    return rows["rival_id"].to_list()
