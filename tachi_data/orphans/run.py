"""Runs over orphans: one at a time, in pages, resumable.

A page is judged on a connection that only reads; its outcomes and the progress of its run are one transaction. In a
file, a run of one page is one transaction as a whole. The next run continues a run that died, behind its cursor. If an
orphan breaks a page, the page is halved until that orphan is alone, and only it fails. The orphans of players whose
import is running are put off to the end of the run, and then to the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.arguments import players
from tachi_data.clock import unix_ms
from tachi_data.errors import StoreError
from tachi_data.halving import halved
from tachi_data.orphans.dry_run import dry_run as try_all
from tachi_data.orphans.pages import Busy, isolate, judged, process
from tachi_data.orphans.run_state import (
    PAGE,
    PAGE_OF_A_LAKE,
    OrphanReport,
    Run,
    Selection,
    candidates,
    new_run,
    pages,
    save,
    unfinished_run,
)
from tachi_data.players.locks import holders
from tachi_data.store import Store, expect_store

Begin = Callable[[DuckDBPyConnection], tuple[Run, list[pl.DataFrame]]]


def reprocess_orphans(
    store: Store,
    user_ids: Sequence[int] | None = None,
    *,
    dry_run: bool = False,
    now: int | None = None,
    only_changed: bool = False,
    only_due: bool = False,
    defer_busy: bool | None = None,
    budget_s: float | None = None,
    page_size: int | None = None,
    progress: Callable[[OrphanReport], None] | None = None,
) -> OrphanReport:
    """Try orphans again, of some players or of all (a global run).

    Args:
        store: The store.
        user_ids: The players; None tries the orphans of all players.
        dry_run: Only count; change nothing.
        now: Unix milliseconds, to fix the clock.
        only_changed: Only orphans that were never tried, and orphans that a change of the catalogue since the
            last finished global run concerns.
        only_due: Only orphans that are due: on charts that players brought in, restored, or put off by an
            earlier run.
        defer_busy: Put off players whose import is running, instead of refusing the run; None puts them off
            if ``user_ids`` is None.
        budget_s: Stop after so many seconds; the next global run continues there.
        page_size: The number of orphans per transaction; None takes 10,000, on a lake 50,000.
        progress: Called after each page with the report so far.

    Returns:
        The counters of the run.

    Raises:
        ImportFatal: 409, an import of one of ``user_ids`` is running.
        TachiError: Another global run is at work.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> song = {"id": 1, "title": "Paper Lantern", "artist": "Nobody", "altTitles": ["A new song"]}
        >>> song |= {"searchTerms": [], "data": {"displayVersion": "reverse", "genre": "VARIETY"}}
        >>> diff = td.patch_catalogue(store, {"songs-wacca": [song]})
        >>> report = td.reprocess_orphans(store)
        >>> report.processed, report.removed  # The score is known: both titles are of one song.
        (1, 1)
    """
    expect_store(store)
    user_ids = players(user_ids)
    moment = unix_ms() if now is None else now
    which: Selection = "changed" if only_changed else "due" if only_due else "all"
    if page_size is None:
        page_size = PAGE if store.path else PAGE_OF_A_LAKE
    if dry_run:
        return try_all(store, user_ids, moment, which, page_size)
    defer = user_ids is None if defer_busy is None else defer_busy
    deadline = None if budget_s is None else time.monotonic() + budget_s
    begin = partial(_start, user_ids, moment, which, defer, page_size)
    run, todo, done = _begun(store, begin, user_ids, defer, deadline)
    if done is not None:
        if progress is not None and done.processed:
            progress(done)
        return done
    for again in (False, True):
        for page in todo:
            if _is_over(deadline):
                return _end(store, run, "PAUSED")
            run, report = _do(store, run, page, defer, again, is_last=page is todo[-1])
            if progress is not None:
                progress(report)
            if report.is_finished:
                return report
        if not run.deferred:
            break
        with store.read() as con:
            todo = pages(candidates(run, con, "deferred"), page_size)
    return _end(store, replace(run, cursor=run.upper), "FINISHED")


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _begun(
    store: Store,
    begin: Begin,
    user_ids: Sequence[int] | None,
    defer: bool,
    deadline: float | None,
) -> tuple[Run, list[pl.DataFrame], OrphanReport | None]:
    """Begin a run. In a file, a run of one page is done as a whole, unless an orphan breaks it or is put off.

    On a lake, where each statement takes long, a run over some players takes no turn to write before its first page.

    Returns the run, the pages that are left, and the report of a run that is done.
    """
    if store.path is None and user_ids is not None:
        with store.read() as con:
            return *begin(con), None
    try:
        with store.write() as con:
            run, todo = begin(con)
            if len(todo) > 1 or _is_over(deadline):
                save(run, "RUNNING", con)
                return run, todo, None
            for page in todo:
                run = process(run, page, con, defer=defer)
            if run.deferred:
                save(run, "RUNNING", con)
                return run, [], None
            return run, [], save(replace(run, cursor=run.upper), "FINISHED", con)
    except (Busy, StoreError):
        raise
    except Exception:
        # Its page is done again, and halved.
        with store.write() as con:
            run, todo = begin(con)
            save(run, "RUNNING", con)
        return run, todo, None


def _start(
    user_ids: Sequence[int] | None,
    now: int,
    which: Selection,
    defer: bool,
    page_size: int,
    con: DuckDBPyConnection,
) -> tuple[Run, list[pl.DataFrame]]:
    """Begin a run, or continue a global run that died or was paused; returns it and its candidates in pages."""
    if user_ids is not None and not defer and holders(user_ids, con).height:
        raise Busy
    is_global = user_ids is None and which != "due"
    run = (unfinished_run(now, con) if is_global else None) or new_run(which, user_ids, now, con)
    found = candidates(run, con)
    if run.which != "all" and not run.selected:
        run = replace(run, selected=found.height)
    return run, pages(found, page_size)


def _do(
    store: Store, run: Run, page: pl.DataFrame, defer: bool, again: bool, is_last: bool
) -> tuple[Run, OrphanReport]:
    """Process a page in a transaction of its own; halve it to isolate an orphan that breaks it.

    The last page ends the run, if no orphan is put off.
    """
    end = page["ordinal"].to_list()[-1]

    def done(some: pl.DataFrame) -> OrphanReport:
        nonlocal run
        with store.read() as con:
            attempt = judged(run, some, con)
        with store.write() as con:
            run = process(run, some, con, attempt=attempt, defer=defer, again=again)
            if is_last and not run.deferred and some["ordinal"].to_list()[-1] == end:
                return save(replace(run, cursor=run.upper), "FINISHED", con)
            return save(run, "RUNNING", con)

    def alone(one: pl.DataFrame, error: Exception) -> OrphanReport:
        nonlocal run
        with store.write() as con:
            run, report = isolate(run, one, error, again, con)
        return report

    reports = halved(page, done, alone, (Busy, StoreError))
    return run, reports[-1]


def _end(store: Store, run: Run, status: str) -> OrphanReport:
    with store.write() as con:
        return save(run, status, con)
