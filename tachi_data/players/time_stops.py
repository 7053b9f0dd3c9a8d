"""Time stops: up to when a player's scores at another service are known, so that only newer ones are fetched.

There is one for each player and ``api/`` import type. An import raises it to the newest score or orphan that it
brought, in its own transaction, and never lowers it. Players read, set and remove theirs.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import TachiError
from tachi_data.import_types import all_import_types
from tachi_data.players.users import create_users
from tachi_data.store import Store, execute, insert, query, statements

sql = statements("tachi_data.players")

TIME = pl.Datetime("ms")
# The last millisecond of the year 9999, and the first of the year 1.
LATEST, EARLIEST = 253_402_300_799_999, -62_135_596_800_000


def time_stops(store: Store, user_id: int) -> dict[str, int | None]:
    """Return the time stops of a player.

    Args:
        store: The store.
        user_id: The player.

    Returns:
        For each ``api/`` import type the time in Unix milliseconds; None where everything is fetched.

    Example:
        >>> time_stops(store, 7)["api/flo-iidx"] is None
        True
    """
    rows = store.query(sql("time_stops"), {"user": user_id})
    known = dict(rows.select("import_type", "last_score_time").iter_rows())
    return {kind: known.get(kind) for kind in stoppable()}


def time_stop(store: Store, user_id: int, import_type: str) -> int | None:
    """Return one time stop of a player.

    Args:
        store: The store.
        user_id: The player.
        import_type: An ``api/`` import type.

    Returns:
        Unix milliseconds; None where everything is fetched.
    """
    return time_stops(store, user_id).get(import_type)


def stoppable() -> list[str]:
    """Return the import types that have time stops, which are those that fetch."""
    return [kind.id for kind in all_import_types().values() if kind.fetch is not None]


def set_time_stop(store: Store, user_id: int, import_type: str, time: int) -> None:
    """Set a time stop; the new one may be earlier than the old one.

    Args:
        store: The store.
        user_id: The player; created if unknown.
        import_type: An ``api/`` import type.
        time: Unix milliseconds.

    Raises:
        TachiError: The import type has no time stops, or the time is out of range.

    Example:
        >>> set_time_stop(store, 7, "api/flo-iidx", 1_700_000_000_000)
        >>> time_stop(store, 7, "api/flo-iidx")
        1700000000000
    """
    _check(import_type)
    if not EARLIEST <= time <= LATEST:
        raise TachiError("lastScoreTime: expected Unix milliseconds of the years 1 to 9999.")
    row = _frame(user_id, import_type).with_columns(last_score_time=pl.lit(time).cast(TIME))
    with store.write() as con:
        create_users(row["user_id"], unix_ms(), con)
        _replace(row, con)


def remove_time_stop(store: Store, user_id: int, import_type: str) -> None:
    """Remove a time stop, so that the next import fetches everything.

    Args:
        store: The store.
        user_id: The player.
        import_type: An ``api/`` import type.

    Raises:
        TachiError: The import type has no time stops.
    """
    _check(import_type)
    with store.write() as con:
        execute(con, sql("delete_time_stops"), stops=_frame(user_id, import_type))


def advance(brought: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Raise time stops to the newest score that imports brought.

    Args:
        brought: One row per import: ``user_id, import_type, last_score_time``; rows without a time are left
            out.
        con: A transaction that writes.
    """
    known = brought.drop_nulls().filter(pl.col("import_type").is_in(stoppable()))
    if known.is_empty():
        return
    newest = known.group_by("user_id", "import_type").agg(pl.col("last_score_time").max())
    _replace(query(con, sql("raised_time_stops"), newest=newest), con)


def _check(import_type: str) -> None:
    if import_type not in stoppable():
        known = ", ".join(stoppable())
        raise TachiError(f"importType: expected one of {known}, got {import_type[:100]!r}.")


def _frame(user_id: int, import_type: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"user_id": [user_id], "import_type": [import_type]}, schema_overrides={"user_id": pl.Int64}
    )


def _replace(rows: pl.DataFrame, con: DuckDBPyConnection) -> None:
    execute(con, sql("delete_time_stops"), stops=rows.select("user_id", "import_type"))
    insert(con, "time_stops", rows)
