"""The state of a run over orphans: its candidates, its progress, and its record in the store.

The store is what counts: an orphan behind the cursor that still waits has failed. So a run that was stopped
or killed counts no orphan twice, and no orphan that it did not reach.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import catalogue_version
from tachi_data.catalogue.keys.members import other_titles
from tachi_data.clock import Watch, unix_ms
from tachi_data.errors import TachiError
from tachi_data.escaping import counts_as_html
from tachi_data.matching import difficulty_aliases
from tachi_data.players.users import users_frame
from tachi_data.store import first_row, insert, query, statements
from tachi_data.version import __version__

sql = statements("tachi_data.orphans")
_watch = Watch(["run_id", "lease_until"])

Selection = Literal["all", "changed", "due", "deferred"]
PAGE = 10_000
# A statement on a lake takes long, and hardly longer for more rows.
PAGE_OF_A_LAKE = 50_000
PAGE_BYTES = 32 * 1024 * 1024
LEASE_MS = 5 * 60 * 1000
TIME = pl.Datetime("ms")
EVERYTHING = -1


@dataclass(frozen=True, repr=False)
class OrphanReport:
    """The counters of a run over orphans, so far.

    Attributes:
        run_id: The ID of the run.
        processed: The number of tried orphans: ``failed + success + removed``.
        failed: The number that still wait.
        success: The number that became scores.
        removed: The number that were archived without a new score: invalid or known ones.
        deferred: The number that wait for the next run, because an import of their player was running.
        is_finished: Whether the run is over; false where the time budget ended first.
        total: The number of orphans that the run selected.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> report = td.reprocess_orphans(store)
        >>> report.processed, report.failed, report.success
        (1, 1, 0)
        >>> report
        <OrphanReport: 1 orphans tried: 1 still wait>
    """

    run_id: str
    processed: int = 0
    failed: int = 0
    success: int = 0
    removed: int = 0
    deferred: int = 0
    is_finished: bool = True
    total: int = 0

    def counts(self) -> dict[str, int]:
        """Returns the numbers of orphans by what became of them, in words."""
        return {
            "became scores": self.success,
            "still wait": self.failed,
            "were rejected or known": self.removed,
            "were put off": self.deferred,
        }

    def __repr__(self) -> str:
        """One line: what became of how many orphans."""
        told = ", ".join(f"{count:,} {what}" for what, count in self.counts().items() if count)
        more = "" if self.is_finished else f"; {self.total - self.processed:,} are left"
        return f"<OrphanReport: {self.processed:,} orphans tried{': ' if told else ''}{told}{more}>"

    def _repr_html_(self) -> str:
        return counts_as_html(repr(self), self.counts())


@dataclass(frozen=True)
class Run:
    """The state of a run, which is stored with every page.

    Attributes:
        run_id: The ID of the run.
        now: The moment that counts for its scores, in Unix milliseconds.
        which: ``all``; ``changed`` (the orphans that changes of the catalogue after ``since_version`` concern,
            and those behind ``since_upper`` that were never tried); ``due``; or ``deferred``.
        user_ids: The players; None for all.
        upper: The ordinal of the last selected orphan.
        cursor: The ordinal of the last orphan that was done or put off.
        catalogue_version: The version of the catalogue when the run began.
        since_version: The version of the catalogue that the last global run saw.
        since_upper: The last orphan that the last global run selected.
        selected: The number of selected orphans.
        seen: The number of converted orphans.
        success: The number that became scores.
        removed: The number that were archived without a new score.
        deferred: The number that are put off.
    """

    run_id: str
    now: int
    which: Selection
    user_ids: tuple[int, ...] | None
    upper: int
    cursor: int
    catalogue_version: int
    since_version: int = EVERYTHING
    since_upper: int = EVERYTHING
    selected: int = 0
    seen: int = 0
    success: int = 0
    removed: int = 0
    deferred: int = 0

    def report(self, con: DuckDBPyConnection, *, is_finished: bool = False) -> OrphanReport:
        """Returns the counters up to the cursor."""
        done = self.success + self.removed
        failed = self.seen - done if self.which != "all" else self._left(con) - self.deferred
        total = max(self.selected, done + failed + self.deferred)
        return OrphanReport(
            self.run_id,
            done + failed,
            failed,
            self.success,
            self.removed,
            self.deferred,
            is_finished,
            total,
        )

    def _left(self, con: DuckDBPyConnection) -> int:
        """Returns the number of orphans up to the cursor that still wait."""
        return selection(self.user_ids, self.cursor, con)[1]


STORED = (
    "upper",
    "cursor",
    "catalogue_version",
    "since_version",
    "since_upper",
    "selected",
    "seen",
    "success",
    "removed",
    "deferred",
)


def selection(
    user_ids: Sequence[int] | None, upper: int | None, con: DuckDBPyConnection
) -> tuple[int, int]:
    """Returns the last ordinal, and the number, of the orphans of some or all players up to ``upper``."""
    which = {"everybody": user_ids is None, "upper": upper}
    players = users_frame(user_ids or ())
    last, count = query(con, sql("selection"), which, players=players).row(0)
    return last, count


def new_run(
    which: Selection, user_ids: Sequence[int] | None, now: int, con: DuckDBPyConnection
) -> Run:
    """Returns a new run over the orphans that wait now, with the present version of the catalogue."""
    upper, count = selection(user_ids, None, con)
    run = Run(
        secrets.token_hex(20),
        now,
        which,
        None if user_ids is None else tuple(user_ids),
        upper,
        EVERYTHING,
        catalogue_version(con),
        selected=count if which == "all" else 0,
    )
    last = first_row(con, sql("last_run"))
    if which != "changed" or last is None:
        return run
    return replace(run, since_version=last[0], since_upper=last[1])


def unfinished_run(now: int, con: DuckDBPyConnection) -> Run | None:
    """Returns the global run that died or was paused; None where there is none.

    Raises:
        TachiError: A global run is at work.
    """
    rows = _watch.since(query(con, sql("unfinished_run")))
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    # The clock of the machine that writes the lease may be ahead; mine tells how long it is not renewed.
    is_renewed = row["since"] > time.monotonic() - LEASE_MS / 1000
    if row["status"] == "RUNNING" and row["lease_until"] > unix_ms() and is_renewed:
        raise TachiError(
            f"Orphans are being reprocessed already (run {row['run_id']}); try again later."
        )
    names = {field.name for field in fields(Run)} - {"now", "user_ids"}
    return Run(now=now, user_ids=None, **{name: row[name] for name in names})


def save(run: Run, status: str, con: DuckDBPyConnection) -> OrphanReport:
    """Store the progress of a run; returns its report."""
    started = first_row(con, sql("start_of_run"), {"run_id": run.run_id})
    con.execute(sql("delete_run"), {"run_id": run.run_id})
    report, now = run.report(con, is_finished=status == "FINISHED"), pl.lit(run.now).cast(TIME)
    row = pl.DataFrame(
        {"run_id": [run.run_id], "user_ids": [run.user_ids]},
        schema={"run_id": pl.String, "user_ids": pl.List(pl.Int64)},
    ).with_columns(
        is_global=pl.lit(run.user_ids is None and run.which in ("all", "changed")),
        which=pl.lit(run.which),
        time_started=pl.lit(started[0]).cast(TIME) if started else now,
        time_finished=now if status == "FINISHED" else pl.lit(None, dtype=TIME),
        status=pl.lit(status),
        lease_until=pl.lit(unix_ms() + LEASE_MS).cast(TIME),
        processed=pl.lit(report.processed, dtype=pl.Int64),
        failed=pl.lit(report.failed, dtype=pl.Int64),
        **{name: pl.lit(getattr(run, name), dtype=pl.Int64) for name in STORED},
    )
    insert(con, "orphan_runs", row)
    return report


def candidates(run: Run, con: DuckDBPyConnection, which: Selection | None = None) -> pl.DataFrame:
    """Returns the orphans of a run that are worth converting, in stored order: ``ordinal``, ``bytes``."""
    which = which or run.which
    params = {
        "which": which,
        "run_id": run.run_id,
        "cursor": EVERYTHING if which == "deferred" else run.cursor,
        "upper": run.upper,
        "everybody": run.user_ids is None,
        "since_version": run.since_version,
        "since_upper": run.since_upper,
        "version": catalogue_version(con),
        "converter": __version__,
        "other_titles": other_titles(),
    }
    players = users_frame(run.user_ids or ())
    return query(con, sql("candidates"), params, players=players, aliases=difficulty_aliases())


def pages(found: pl.DataFrame, page_size: int) -> list[pl.DataFrame]:
    """Returns candidates in pages with a bounded number of orphans and of bytes."""
    if found.is_empty():
        return []
    page = pl.int_range(pl.len()) // page_size + pl.col("bytes").cum_sum() // PAGE_BYTES
    return found.with_columns(page=page).partition_by("page", maintain_order=True)
