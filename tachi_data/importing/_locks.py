"""One import per user at a time, and a record of those that fail."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal
from tachi_data.importing._reading import ImportJob, Reading
from tachi_data.importing._sql import sql
from tachi_data.importing._users import users_frame
from tachi_data.store import Store, execute, first_row, insert, query

LEASE_MS = 5 * 60 * 1000
CONFLICT = "This user already has an import that is running."


def acquire(
    user_ids: Sequence[int], holder: str, con: DuckDBPyConnection, lease_ms: int = LEASE_MS
) -> set[int]:
    """Take or renew the import locks of these users; gives those who got one."""
    now = unix_ms()
    wanted = users_frame(user_ids)
    free = query(con, sql("free_users"), {"holder": holder, "now": now}, wanted=wanted)
    gone = "DELETE FROM import_locks USING held WHERE held.user_id = import_locks.user_id"
    execute(con, gone, held=free)
    until = pl.lit(now + lease_ms).cast(pl.Datetime("ms"))
    insert(con, "import_locks", free.with_columns(holder=pl.lit(holder), lease_until=until))
    return set(free["user_id"].to_list())


def release(holder: str, con: DuckDBPyConnection) -> None:
    """Give back all locks of this holder, and no one else's."""
    con.execute("DELETE FROM import_locks WHERE holder = ?", [holder])


def refuse_if_locked(readings: Sequence[Reading], con: DuckDBPyConnection) -> list[Reading]:
    """Imports of users whose lock somebody else holds are refused with 409.

    The transaction of the import itself excludes all others, so it need not take the lock.
    """
    if not first_row(con, "SELECT 1 FROM import_locks LIMIT 1"):
        return list(readings)
    wanted = users_frame(r.job.user_id for r in readings)
    held = dict(query(con, sql("held_locks"), {"now": unix_ms()}, wanted=wanted).iter_rows())

    def judged(reading: Reading) -> Reading:
        holder = held.get(reading.job.user_id)
        if holder is None or holder == reading.job.import_id or reading.fatal is not None:
            return reading
        return Reading(reading.job, reading.kind, fatal=ImportFatal(409, CONFLICT))

    return [judged(reading) for reading in readings]


def report_failures(
    store: Store, failures: Sequence[tuple[ImportJob, ImportFatal]], now: int
) -> None:
    """Record refused imports, so that they can be listed; ``now`` is when they started, if nobody said."""
    if not failures:
        return
    failed = [
        (j.import_id, j.import_type, j.user_id, j.user_intent, f.message, f.status_code)
        for j, f in failures
    ]
    names = {
        "import_id": pl.String,
        "import_type": pl.String,
        "user_id": pl.Int64,
        "user_intent": pl.Boolean,
        "message": pl.String,
        "status_code": pl.Int64,
    }
    rows = pl.DataFrame(failed, schema=names, orient="row").with_columns(
        status=pl.lit("FAILED"), time_started=pl.lit(now).cast(pl.Datetime("ms"))
    )
    with store.write() as con:
        execute(con, sql("fail_trackers"), failed=rows)
        new = "FROM failed ANTI JOIN import_trackers USING (import_id)"
        insert(con, "import_trackers", query(con, new, failed=rows))
