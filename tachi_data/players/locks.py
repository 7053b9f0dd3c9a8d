"""One import per player at a time: who holds the lock of a player, and until when."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal
from tachi_data.players.users import users_frame
from tachi_data.store import execute, insert, query, statements

LEASE_MS = 5 * 60 * 1000
CONFLICT = "This user already has an import that is running."

sql = statements("tachi_data.players")


def acquire(
    user_ids: Collection[int], holder: str, con: DuckDBPyConnection, lease_ms: int = LEASE_MS
) -> set[int]:
    """Take or renew the import locks of these players; returns who got one."""
    now = unix_ms()
    wanted = users_frame(user_ids)
    free = query(con, sql("free_users"), {"holder": holder, "now": now}, wanted=wanted)
    execute(con, sql("delete_locks"), held=free)
    until = pl.lit(now + lease_ms).cast(pl.Datetime("ms"))
    insert(con, "import_locks", free.with_columns(holder=pl.lit(holder), lease_until=until))
    return set(free["user_id"].to_list())


def release(holder: str, con: DuckDBPyConnection) -> None:
    """Give back all locks of this holder, and no one else's."""
    con.execute(sql("release_locks"), {"holder": holder})


@contextmanager
def lock(user_id: int, con: DuckDBPyConnection) -> Iterator[None]:
    """The import lock of a player for the length of a block, inside a transaction.

    Raises:
        ImportFatal: 409, an import of the player is running.
    """
    holder = secrets.token_hex(20)
    if not acquire([user_id], holder, con):
        raise ImportFatal(409, CONFLICT)
    try:
        yield
    finally:
        release(holder, con)


def holders(user_ids: Iterable[int], con: DuckDBPyConnection) -> pl.DataFrame:
    """Who holds the locks of these players now: ``user_id, holder``, without those that are free."""
    return query(con, sql("held_locks"), {"now": unix_ms()}, wanted=users_frame(user_ids))


def free(user_ids: Collection[int], con: DuckDBPyConnection) -> None:
    """Release the locks of these players, whoever holds them."""
    if user_ids:
        execute(con, sql("delete_locks"), held=users_frame(user_ids))
