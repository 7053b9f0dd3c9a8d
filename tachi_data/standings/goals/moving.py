"""Subscriptions to goals of a v2 catalogue move to the equal goals of a v3 catalogue, which have other IDs."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from tachi_data.store import execute, query, statements

sql = statements("tachi_data.standings.goals")


def move_subscriptions(con: DuckDBPyConnection) -> int:
    """Move subscriptions from goals that stayed from v2 to equal goals of the files, and delete the old ones.

    Goals are equal if they ask for the same of the same charts of a game. Where a player has both, the older
    subscription stays. Calling it again changes nothing.

    Args:
        con: A transaction that writes.

    Returns:
        The number of subscriptions that moved.
    """
    pairs = query(con, sql("equal_goals"))
    if pairs.is_empty():
        return 0
    moved = query(con, sql("subscriptions_of_goals"), pairs=pairs)
    execute(con, sql("delete_newer_subscriptions"), pairs=pairs)
    execute(con, sql("move_subscriptions"), pairs=pairs)
    execute(con, sql("delete_moved_goals"), pairs=pairs)
    return moved.height
