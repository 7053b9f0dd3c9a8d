"""The record of imports that were refused as a whole, so that they can be listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from tachi_data.errors import ImportFatal, LostImport
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
    "time_started": pl.Int64(),
}


@dataclass(frozen=True)
class Failure:
    """An import that was refused as a whole.

    Attributes:
        job: What was asked for.
        reason: Why it was refused.
        started: When it started, in Unix milliseconds; not used where the store keeps track of it.
    """

    job: ImportJob
    reason: ImportFatal
    started: int

    def row(self) -> tuple[object, ...]:
        """Return the values of `FAILED`."""
        job, reason = self.job, self.reason
        who = (job.import_id, job.import_type, job.user_id, job.user_intent)
        return (*who, reason.message, reason.status_code, self.started)


def report_failures(store: Store, failures: Iterable[Failure]) -> None:
    """Record refused imports, in one transaction."""
    failed = [failure.row() for failure in failures]
    if not failed:
        return
    rows = pl.DataFrame(failed, schema=FAILED, orient="row").with_columns(
        pl.col("time_started").cast(pl.Datetime("ms")), status=pl.lit("FAILED")
    )
    with store.write() as con:
        execute(con, sql("fail_trackers"), failed=rows)
        insert(con, "import_trackers", query(con, sql("untracked"), failed=rows))


def report_refused(store: Store, parsed: Parsed, outcomes: Outcomes) -> None:
    """Record the imports of a set that were refused as a whole, but not those that another worker does."""
    refused = [(i, why) for i, why in outcomes.refused.items() if not isinstance(why, LostImport)]
    report_failures(store, (Failure(parsed.jobs[i], why, parsed.now) for i, why in refused))
