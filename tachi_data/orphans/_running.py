"""Runs over orphans: selected, in pages, resumable, one at a time.

A page and the progress of its run are one transaction. A run that died is continued behind its cursor;
no orphan is counted twice. An orphan that breaks a page is found by halving the page, and only it fails.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import catalogue_version
from tachi_data.errors import ImportFatal, TachiError
from tachi_data.importing._locks import CONFLICT, acquire, release
from tachi_data.importing._sql import first_row
from tachi_data.orphans._reprocessing import SETTLED, reprocess_page
from tachi_data.store import Store, insert

PAGE = 20_000
PAGE_BYTES = 32 * 1024 * 1024
LEASE_MS = 5 * 60 * 1000
TIME = pl.Datetime("ms")


@dataclass(frozen=True)
class OrphanReport:
    """What a run over orphans did: ``processed = failed + success + removed``.

    ``deferred`` were left for the next run, because an import of their owner was running;
    ``is_finished`` is false where the time budget ended first.
    """

    run_id: str
    processed: int = 0
    failed: int = 0
    success: int = 0
    removed: int = 0
    deferred: int = 0
    is_finished: bool = True


@dataclass(frozen=True)
class _Run:
    run_id: str
    now: int
    upper: int
    cursor: int
    selected: int
    since: int | None
    user_ids: tuple[int, ...] | None
    success: int = 0
    removed: int = 0
    deferred: int = 0

    def report(self, is_finished: bool) -> OrphanReport:
        failed = self.selected - self.success - self.removed - self.deferred
        processed = self.selected - self.deferred
        return OrphanReport(
            self.run_id, processed, failed, self.success, self.removed, self.deferred, is_finished
        )


@cache
def sql(name: str) -> str:
    """The text of one of this package's SQL files."""
    return files("tachi_data.orphans").joinpath(f"{name}.sql").read_text()


def reprocess_orphans(
    store: Store,
    user_ids: Sequence[int] | None = None,
    *,
    dry_run: bool = False,
    now: int | None = None,
    only_changed: bool = False,
    budget_s: float | None = None,
    page_size: int = PAGE,
    progress: Callable[[OrphanReport], None] | None = None,
) -> OrphanReport:
    """Try orphans again: those of some users, or (None) of everybody.

    Args:
        store: The store.
        user_ids: Whose orphans; None for all.
        dry_run: Only count, change nothing.
        now: Unix milliseconds, to fix the clock.
        only_changed: Only orphans that catalogue changes since the last finished global run concern.
        budget_s: Stop cleanly after so many seconds; the next global run goes on from there.
        page_size: Orphans per transaction.
        progress: Called after each page.

    Raises:
        ImportFatal: 409, an import of one of ``user_ids`` is running.
        TachiError: Another global run is at work.
    """
    moment = time.time_ns() // 1_000_000 if now is None else now
    deadline = None if budget_s is None else time.monotonic() + budget_s
    if dry_run:
        return _dry_run(store, user_ids, moment, only_changed, page_size)
    with store.write() as con:
        run, candidates = _start(user_ids, moment, only_changed, con)
    for page in _pages(candidates, page_size):
        if deadline is not None and time.monotonic() >= deadline:
            return _end(store, run, "PAUSED")
        run = _do(store, run, page)
        if progress is not None:
            progress(run.report(False))
    return _end(store, run, "FINISHED")


def _dry_run(
    store: Store, user_ids: Sequence[int] | None, now: int, only_changed: bool, page_size: int
) -> OrphanReport:
    """Everything in one transaction, which is then given up."""
    with store.write(keep=False) as con:
        run, candidates = _start(user_ids, now, only_changed, con)
        for page in _pages(candidates, page_size):
            run = _process(run, page, con)
    return run.report(True)


def _start(
    user_ids: Sequence[int] | None, now: int, only_changed: bool, con: DuckDBPyConnection
) -> tuple[_Run, pl.DataFrame]:
    """Begin a run, or go on with a global one that died or was paused; gives its candidates."""
    if user_ids is None:
        run = _unfinished(con, now) or _new(None, now, only_changed, con)
    else:
        _refuse_busy(user_ids, con)
        run = _new(tuple(user_ids), now, False, con)
    candidates = _candidates(run, con)
    if run.since is not None and run.selected < 0:
        run = replace(run, selected=candidates.height)
    _save(run, "RUNNING", con)
    return run, candidates


def _unfinished(con: DuckDBPyConnection, now: int) -> _Run | None:
    row = first_row(con, sql("unfinished_run"))
    if row is None:
        return None
    run_id, status, lease, upper, cursor, selected, success, removed, since = row
    if status == "RUNNING" and lease > time.time_ns() // 1_000_000:
        raise TachiError(f"Orphans are being reprocessed already (run {run_id}).")
    return _Run(run_id, now, upper, cursor, selected, since, None, success, removed)


def _new(
    user_ids: tuple[int, ...] | None, now: int, only_changed: bool, con: DuckDBPyConnection
) -> _Run:
    since = None
    if only_changed:
        row = first_row(con, sql("last_version"))
        since = row[0] if row else None
    with _players(user_ids, con):
        upper, count = first_row(con, sql("selection"), {"everybody": user_ids is None}) or (0, 0)
    selected = -1 if since is not None else count
    return _Run(secrets.token_hex(20), now, upper, -1, selected, since, user_ids)


class _players:  # noqa: N801
    """The users of a run as the relation ``players``."""

    def __init__(self, user_ids: tuple[int, ...] | None, con: DuckDBPyConnection) -> None:
        self.frame = pl.DataFrame({"user_id": user_ids or ()}, schema={"user_id": pl.Int64})
        self.con = con

    def __enter__(self) -> None:
        self.con.register("players", self.frame)

    def __exit__(self, *_: object) -> None:
        self.con.unregister("players")


def _refuse_busy(user_ids: Sequence[int], con: DuckDBPyConnection) -> None:
    holder = secrets.token_hex(20)
    if acquire(user_ids, holder, con) != set(user_ids):
        release(holder, con)
        raise ImportFatal(409, CONFLICT)
    release(holder, con)


def _candidates(run: _Run, con: DuckDBPyConnection) -> pl.DataFrame:
    with _players(run.user_ids, con):
        return con.sql(
            sql("candidates"),
            params={
                "cursor": run.cursor,
                "upper": run.upper,
                "everybody": run.user_ids is None,
                "since": run.since,
                "version": catalogue_version(con),
            },
        ).pl()


def _pages(candidates: pl.DataFrame, page_size: int) -> list[pl.DataFrame]:
    """Candidates in pages, bounded by number and by bytes."""
    if candidates.is_empty():
        return []
    page = pl.int_range(pl.len()) // page_size + pl.col("bytes").cum_sum() // PAGE_BYTES
    return candidates.with_columns(page=page).partition_by("page", maintain_order=True)


def _do(store: Store, run: _Run, page: pl.DataFrame) -> _Run:
    """Process a page in a transaction of its own; what breaks it is isolated by halving."""
    try:
        with store.write() as con:
            return _process(run, page, con)
    except TachiError:
        raise
    except Exception as error:
        if page.height == 1:
            with store.write() as con:
                return _isolate(run, page, error, con)
        half = page.height // 2
        return _do(store, _do(store, run, page.head(half)), page.slice(half))


def _process(run: _Run, candidates: pl.DataFrame, con: DuckDBPyConnection) -> _Run:
    con.register("wanted", candidates.select("ordinal"))
    page = con.sql(sql("page")).pl()
    con.unregister("wanted")
    users = page["user_id"].unique().to_list()
    free = acquire(users, run.run_id, con)
    if run.user_ids is not None and len(free) < len(users):
        raise ImportFatal(409, CONFLICT)
    ready = page.filter(pl.col("user_id").is_in(list(free)))
    settled = (
        reprocess_page(ready, run.now, con).rows if ready.height else pl.DataFrame(schema=SETTLED)
    )
    _store(run, ready, settled, con)
    release(run.run_id, con)
    counters = settled["counter"]
    run = replace(
        run,
        cursor=candidates["ordinal"].to_list()[-1],
        success=run.success + int((counters == "success").sum()),
        removed=run.removed + int((counters == "removed").sum()),
        deferred=run.deferred + page.height - ready.height,
    )
    _save(run, "RUNNING", con)
    return run


def _store(run: _Run, page: pl.DataFrame, settled: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Archive what is settled; note the attempt on what stays."""
    rows = settled.with_columns(page["ordinal"].gather(settled["row"])) if page.height else settled
    gone = rows.filter(pl.col("counter") != "failed")
    if gone.height:
        reason = (
            pl.when(pl.col("counter") == "success").then(pl.lit("imported")).otherwise("message")
        )
        con.register("settled", gone.select("ordinal", "score_id", "deorphaned_by", reason=reason))
        con.execute(sql("archive"), {"now": run.now, "run_id": run.run_id})
        con.execute("DELETE FROM orphans USING settled WHERE settled.ordinal = orphans.ordinal")
        con.unregister("settled")
    failed = rows.filter(pl.col("counter") == "failed")
    if failed.height:
        con.register("failed", failed.select("ordinal", "message", "is_unexpected"))
        con.execute(sql("mark_failed"), {"now": run.now, "version": catalogue_version(con)})
        con.unregister("failed")


def _isolate(run: _Run, candidate: pl.DataFrame, error: Exception, con: DuckDBPyConnection) -> _Run:
    """Note the unexpected error of one orphan, which stays."""
    message = f"{type(error).__name__}: {error}"[:500]
    failed = candidate.select("ordinal", message=pl.lit(message), is_unexpected=pl.lit(True))
    con.register("failed", failed)
    con.execute(sql("mark_failed"), {"now": run.now, "version": catalogue_version(con)})
    con.unregister("failed")
    run = replace(run, cursor=candidate["ordinal"].to_list()[-1])
    _save(run, "RUNNING", con)
    return run


def _end(store: Store, run: _Run, status: str) -> OrphanReport:
    with store.write() as con:
        _save(run, status, con)
    return run.report(status == "FINISHED")


def _save(run: _Run, status: str, con: DuckDBPyConnection) -> None:
    """Write the progress of a run."""
    started = first_row(con, "SELECT time_started FROM orphan_runs WHERE run_id = ?", [run.run_id])
    con.execute("DELETE FROM orphan_runs WHERE run_id = ?", [run.run_id])
    now = pl.lit(run.now).cast(TIME)
    row = pl.DataFrame(
        {
            "run_id": [run.run_id],
            "user_ids": [list(run.user_ids) if run.user_ids is not None else None],
        },
        schema={"run_id": pl.String, "user_ids": pl.List(pl.Int64)},
    ).with_columns(
        is_global=pl.lit(run.user_ids is None),
        time_started=pl.lit(started[0]).cast(TIME) if started else now,
        time_finished=now if status == "FINISHED" else pl.lit(None, dtype=TIME),
        status=pl.lit(status),
        lease_until=pl.lit(time.time_ns() // 1_000_000 + LEASE_MS).cast(TIME),
        catalogue_version=pl.lit(catalogue_version(con), dtype=pl.Int64),
        since_version=pl.lit(run.since, dtype=pl.Int64),
        **{
            name: pl.lit(getattr(run, name), dtype=pl.Int64)
            for name in ("upper", "cursor", "selected", "success", "removed", "deferred")
        },
    )
    insert(con, "orphan_runs", row)
