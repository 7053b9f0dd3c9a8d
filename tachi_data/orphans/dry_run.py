"""Dry runs: a whole run over orphans in one transaction, which is then rolled back.

Other writers wait meanwhile. If an orphan breaks a page, it is found by halving the page in transactions
of their own, and the dry run begins again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import CatalogueDiff, apply, catalogue_version, update_of
from tachi_data.clock import unix_ms
from tachi_data.errors import StoreError
from tachi_data.orphans.pages import Busy, process
from tachi_data.orphans.run_state import (
    PAGE,
    OrphanReport,
    Run,
    Selection,
    candidates,
    new_run,
    pages,
)
from tachi_data.store import Store, query, statements

sql = statements("tachi_data.orphans")

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The effect that a changed catalogue would have on orphans.

    Attributes:
        diff: The changes of the catalogue.
        report: The counters of a run over the orphans that the changes concern.
        rows: One row per title or key: ``game, looked_for``, the number of orphans that would become
            ``scores`` or be ``removed`` as invalid, and of ``users`` who have them; the most first.
    """

    diff: CatalogueDiff
    report: OrphanReport
    rows: pl.DataFrame


def what_if(
    store: Store,
    folder: str | Path,
    *,
    games: Sequence[str] | None = None,
    now: int | None = None,
    page_size: int = PAGE,
) -> WhatIf:
    """Find the orphans that would become scores if a catalogue were loaded; nothing is stored.

    Args:
        store: The store; other writers wait for it meanwhile.
        folder: The files of the catalogue, as `load_catalogue` reads them.
        games: Only these games; None takes all games in the folder.
        now: Unix milliseconds, to fix the clock.
        page_size: The number of orphans that are converted at once.

    Returns:
        The changes of the catalogue, and the orphans that they concern.

    Raises:
        CatalogueError: The catalogue cannot be read, or breaks a rule.
    """
    update = update_of(Path(folder), games)
    moment = unix_ms() if now is None else now

    def start(con: DuckDBPyConnection) -> tuple[Run, CatalogueDiff]:
        version = catalogue_version(con)
        diff = apply(con, update, now=moment)
        run = new_run("changed", None, moment, con)
        return replace(run, since_version=version, since_upper=run.upper), diff

    def end(run: Run, con: DuckDBPyConnection) -> pl.DataFrame:
        return query(con, sql("brought"), {"run_id": run.run_id})

    report, diff, rows = _tried(store, start, end, page_size)
    return WhatIf(diff, report, rows)


def dry_run(
    store: Store, user_ids: Sequence[int] | None, now: int, which: Selection, page_size: int
) -> OrphanReport:
    """Returns the report that a run would have; changes nothing."""
    report, _, _ = _tried(
        store,
        lambda con: (new_run(which, user_ids, now, con), None),
        lambda run, con: None,
        page_size,
    )
    return report


def _tried(
    store: Store,
    start: Callable[[DuckDBPyConnection], tuple[Run, S]],
    end: Callable[[Run, DuckDBPyConnection], E],
    page_size: int,
) -> tuple[OrphanReport, S, E]:
    """Do a run and roll it back; returns its report, and the results of ``start`` and ``end``."""
    guilty: set[int] = set()
    while True:
        page = pl.DataFrame()
        try:
            with store.write(keep=False) as con:
                run, started = start(con)
                found = candidates(run, con)
                run = replace(run, selected=run.selected or found.height)
                innocent = found.filter(~pl.col("ordinal").is_in(list(guilty)))
                for page in pages(innocent, page_size):
                    run, _ = process(run, page, con)
                run = replace(run, cursor=run.upper, seen=run.seen + len(guilty))
                return run.report(con, is_finished=True), started, end(run, con)
        except (Busy, StoreError):
            raise
        except Exception:
            if not page.width:
                raise
            more = _guilty(store, start, page)
            if not more - guilty:
                raise
            guilty |= more


def _guilty(
    store: Store, start: Callable[[DuckDBPyConnection], tuple[Run, S]], page: pl.DataFrame
) -> set[int]:
    """Returns the ordinals of the orphans that break a page."""
    try:
        with store.write(keep=False) as con:
            process(start(con)[0], page, con)
        return set()
    except Exception:
        if page.height <= 1:
            return set(page["ordinal"].to_list())
        half = page.height // 2
        return _guilty(store, start, page.head(half)) | _guilty(store, start, page.slice(half))
