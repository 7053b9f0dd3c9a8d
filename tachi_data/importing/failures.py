"""The record of imports that were refused as a whole, so that they can be listed."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.importing.job import ImportJob
from tachi_data.importing.outcomes import Outcomes
from tachi_data.importing.parse import Parsed
from tachi_data.store import Store, execute, insert, query, statements

sql = statements("tachi_data.importing")

FAILED = {
    "import_id": pl.String(),
    "import_type": pl.String(),
    "user_id": pl.Int64(),
    "user_intent": pl.Boolean(),
    "message": pl.String(),
    "status_code": pl.Int64(),
}


def report_failures(
    store: Store, failures: Iterable[tuple[ImportJob, ImportFatal]], now: int
) -> None:
    """Record refused imports.

    Args:
        store: The store.
        failures: The jobs, and why each was refused.
        now: When they started, in Unix milliseconds, where nobody keeps track of them yet.
    """
    failed = [
        (j.import_id, j.import_type, j.user_id, j.user_intent, f.message, f.status_code)
        for j, f in failures
    ]
    if not failed:
        return
    rows = pl.DataFrame(failed, schema=FAILED, orient="row").with_columns(
        status=pl.lit("FAILED"), time_started=pl.lit(now).cast(pl.Datetime("ms"))
    )
    with store.write() as con:
        execute(con, sql("fail_trackers"), failed=rows)
        insert(con, "import_trackers", query(con, sql("untracked"), failed=rows))


def report_refused(store: Store, parsed: Parsed, outcomes: Outcomes) -> None:
    """Record the imports of a set that were refused as a whole."""
    failures = [(parsed.jobs[i], fatal) for i, fatal in outcomes.refused.items()]
    report_failures(store, failures, parsed.now)
