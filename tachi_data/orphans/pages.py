"""One page of a run over orphans: its outcomes and the progress of the run, in the caller's transaction."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import catalogue_version, renamed_charts
from tachi_data.errors import ImportFatal
from tachi_data.orphans.convert import SETTLED, Attempt, as_attempted_now, attempted, settle
from tachi_data.orphans.run_state import OrphanReport, Run, save
from tachi_data.players.locks import CONFLICT, holders
from tachi_data.store import Transaction, execute, query, statements
from tachi_data.version import __version__

sql = statements("tachi_data.orphans")


class Busy(ImportFatal):
    """An import of a player is running, and the run must not leave the player for later."""

    def __init__(self) -> None:
        super().__init__(409, CONFLICT)


def process(
    run: Run,
    page: pl.DataFrame,
    con: DuckDBPyConnection,
    *,
    attempt: Attempt | None = None,
    defer: bool = True,
    again: bool = False,
) -> Run:
    """Convert a page of candidates, and store their outcomes.

    Args:
        run: The run before the page.
        page: The candidates: ``ordinal``.
        con: The connection of a transaction that writes.
        attempt: What `judged` found of this page, so that less is left for this transaction; None if nobody asked.
        defer: Put off the orphans of players whose import is running, instead of refusing the page.
        again: Whether these orphans were put off before.

    Returns:
        The run after the page, which the caller saves.

    Raises:
        Busy: An import of a player is running, and ``defer`` is false.
    """
    orphans = page_rows(page, con)
    # Nobody can take a lock while this transaction writes, so it needs none itself.
    locked = holders(orphans["user_id"].unique().to_list(), con)
    if not defer and locked.height:
        raise Busy
    ready = orphans.join(locked, on="user_id", how="anti", maintain_order="left")
    busy = orphans.join(locked, on="user_id", how="semi", maintain_order="left")
    settled = _settled(ready, attempt, Transaction.at(con, run.now))
    _store(run, ready, settled, con)
    _put_off(run, busy, con)
    counters = settled["counter"]
    return replace(
        _behind(run, page, ready.height, busy.height, again),
        success=run.success + int((counters == "success").sum()),
        removed=run.removed + int((counters == "removed").sum()),
    )


def judged(run: Run, page: pl.DataFrame, con: DuckDBPyConnection) -> Attempt:
    """Judge a page of candidates, for `process`, on a connection that only reads.

    Args:
        run: The run before the page.
        page: The candidates: ``ordinal``.
        con: The connection of a transaction that reads.
    """
    return attempted(page_rows(page, con), run.now, con)


def page_rows(page: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the orphans of a page (``ordinal``), in stored order, on the charts of today."""
    return query(con, sql("page"), wanted=page.select("ordinal"), renamed=renamed_charts())


def _settled(orphans: pl.DataFrame, earlier: Attempt | None, tx: Transaction) -> pl.DataFrame:
    """What becomes of the orphans; an earlier attempt counts if it was at just these."""
    if orphans.is_empty():
        return pl.DataFrame(schema=SETTLED)
    if earlier is not None and orphans.equals(earlier.page):
        return settle(as_attempted_now(earlier, tx), tx)
    return settle(attempted(orphans, tx.now, tx.con), tx)


def _behind(run: Run, page: pl.DataFrame, done: int, busy: int, again: bool) -> Run:
    """Returns the run after a page, with the numbers of orphans that were done and put off."""
    if again:  # The cursor has passed these orphans before.
        return replace(run, seen=run.seen + done, deferred=max(0, run.deferred - done))
    cursor = page["ordinal"].to_list()[-1]
    return replace(run, seen=run.seen + done, cursor=cursor, deferred=run.deferred + busy)


def _store(run: Run, page: pl.DataFrame, settled: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Archive the settled orphans; note the attempt on the others."""
    rows = settled.with_columns(page["ordinal"].gather(settled["row"])) if page.height else settled
    gone = rows.filter(pl.col("counter") != "failed")
    if gone.height:
        reason = (
            pl.when(pl.col("counter") == "success").then(pl.lit("imported")).otherwise("message")
        )
        gone = gone.select("ordinal", "score_id", "deorphaned_by", reason=reason)
        facts = {"now": run.now, "run_id": run.run_id, "converter": __version__}
        execute(con, sql("archive"), facts, settled=gone)
        execute(con, sql("delete_settled"), settled=gone)
    failed = rows.filter(pl.col("counter") == "failed")
    if failed.height:
        _mark_failed(run, failed.select("ordinal", "message", "is_unexpected"), con)


def _mark_failed(run: Run, failed: pl.DataFrame, con: DuckDBPyConnection) -> None:
    version, converter = catalogue_version(con), __version__
    facts = {"now": run.now, "version": version, "converter": converter}
    execute(con, sql("mark_failed"), facts, failed=failed)


def _put_off(run: Run, busy: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Mark the orphans of busy players as due: at the end of this run, or at the next one."""
    if busy.height:
        execute(con, sql("put_off"), {"run_id": run.run_id}, busy=busy.select("ordinal"))


def isolate(
    run: Run, candidate: pl.DataFrame, error: Exception, again: bool, con: DuckDBPyConnection
) -> tuple[Run, OrphanReport]:
    """Note the unexpected error of an orphan that broke a page of its own; the orphan stays."""
    message = f"{type(error).__name__}: {error}"[:500]
    failed = candidate.select("ordinal", message=pl.lit(message), is_unexpected=pl.lit(True))
    _mark_failed(run, failed, con)
    run = _behind(run, candidate, 1, 0, again)
    return run, save(run, "RUNNING", con)
