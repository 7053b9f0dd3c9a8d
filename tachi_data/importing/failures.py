"""Imports that are refused as a whole: because another one is running, and the record of those that failed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import ImportFatal
from tachi_data.importing.parse import ImportJob, Reading
from tachi_data.players.locks import CONFLICT, holders
from tachi_data.store import Store, execute, insert, query, statements

sql = statements("tachi_data.importing")


def refuse_if_locked(readings: Sequence[Reading], con: DuckDBPyConnection) -> list[Reading]:
    """Imports of users whose lock somebody else holds are refused with 409.

    The transaction of the import itself excludes all others, so it need not take the lock.
    """
    held = holders([r.job.user_id for r in readings], con)

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
