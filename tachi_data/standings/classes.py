"""Classes that a player reaches outside of an import, such as a dan course that a game client reports."""

from __future__ import annotations

import polars as pl

from tachi_data.clock import unix_ms
from tachi_data.players.users import create_users
from tachi_data.standings.profiles import provided_frame, update_profiles
from tachi_data.store import Store, Transaction


def raise_class(
    store: Store, user_id: int, game: str, playtype: str, name: str, value: str
) -> bool:
    """Raise a class of a player, if the new value is better than the present one.

    Args:
        store: The store.
        user_id: The player; created if unknown.
        game: The game.
        playtype: The playtype, such as ``SP``.
        name: The class set, such as ``dan``.
        value: The new value, one of the set's values.

    Returns:
        Whether the class was raised.
    """
    now = unix_ms()
    players = pl.DataFrame(
        {"user_id": [user_id], "playtype": [playtype]}, schema_overrides={"user_id": pl.Int64}
    )
    provided = provided_frame({(user_id, playtype): {name: value}})
    with store.write() as con:
        create_users(players["user_id"], now, con)
        deltas = update_profiles(players, provided, game, Transaction.at(con, now))
    return not deltas.filter(pl.col("set") == name).is_empty()
