"""One import per player at a time: the locks of players.

A player has at most one lock. Its holder is an import or a run over orphans. A lock is a lease of five minutes,
which the holder renews; so the lock of a process that died is free after that. If the clock of its machine was
ahead, it is free once a process has seen it for five minutes as it is. Whoever meets a lock that another holder has
is refused with 409, or waits for its turn.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import Watch, unix_ms
from tachi_data.errors import ImportFatal
from tachi_data.players.users import users_frame
from tachi_data.store import Store, execute, insert, query, statements

LEASE_MS = 5 * 60 * 1000
CONFLICT = "This user already has an import that is running."

sql = statements("tachi_data.players")

_watch = Watch(["user_id", "holder", "lease_until"])


def acquire(
    user_ids: Collection[int], holder: str, con: DuckDBPyConnection, lease_ms: int = LEASE_MS
) -> set[int]:
    """Take or renew the import locks of players.

    Args:
        user_ids: The players.
        holder: The ID of the import or run that takes the locks.
        con: A transaction that writes.
        lease_ms: How long the locks are held unless they are renewed, in milliseconds.

    Returns:
        The players whose lock the holder has now; the others have another holder.

    Example:
        >>> with store.write() as con:
        ...     sorted(acquire([7, 8], "one", con)), sorted(acquire([8, 9], "another", con))
        ([7, 8], [9])
    """
    others = holders(user_ids, con).filter(pl.col("holder") != holder)
    free = users_frame(user_ids).unique().join(others, on="user_id", how="anti")
    execute(con, sql("delete_locks"), held=free)
    until = pl.lit(unix_ms() + lease_ms).cast(pl.Datetime("ms"))
    insert(con, "import_locks", free.with_columns(holder=pl.lit(holder), lease_until=until))
    return set(free["user_id"].to_list())


def release(holder: str, con: DuckDBPyConnection) -> None:
    """Release all locks of a holder.

    Args:
        holder: The ID of the import or run that has the locks.
        con: A transaction that writes.
    """
    con.execute(sql("release_locks"), {"holder": holder})


@contextmanager
def lock(user_id: int, con: DuckDBPyConnection) -> Iterator[None]:
    """Hold the import lock of a player for the length of a block.

    Args:
        user_id: The player.
        con: A transaction that writes.

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
    """Return the locks that are held now.

    Args:
        user_ids: The players.
        con: A transaction.

    Returns:
        One row per player whose lock is held: ``user_id, holder``.
    """
    held = query(con, sql("held_locks"), {"now": unix_ms()}, wanted=users_frame(user_ids))
    is_renewed = pl.col("since") > time.monotonic() - LEASE_MS / 1000
    return _watch.since(held).filter(is_renewed).select("user_id", "holder")


def all_locks(store: Store) -> pl.DataFrame:
    """Return all locks, also those whose lease is over.

    Args:
        store: The store.

    Returns:
        One row per lock: ``user_id, holder, lease_until`` (UTC), and ``is_held``, whether the lease still runs.

    Example:
        >>> all_locks(store).height
        0
    """
    return store.query(sql("all_locks"), {"now": unix_ms()})


def free(user_ids: Collection[int], con: DuckDBPyConnection) -> None:
    """Release the locks of players, whoever holds them.

    Args:
        user_ids: The players.
        con: A transaction that writes.
    """
    if user_ids:
        execute(con, sql("delete_locks"), held=users_frame(user_ids))
