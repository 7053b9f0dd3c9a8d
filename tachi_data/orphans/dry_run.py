"""Dry runs: a whole run over orphans in one transaction, which is then rolled back.

Other writers wait meanwhile. If an orphan breaks a page, it is found by halving the page in transactions
of their own, and the dry run begins again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import CatalogueDiff, apply, patch_of, update_of
from tachi_data.clock import unix_ms
from tachi_data.documents import songs as documents_of
from tachi_data.errors import CatalogueError, StoreError
from tachi_data.escaping import counts_as_html
from tachi_data.halving import halved
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
from tachi_data.store import Store, expect_store, query, statements

sql = statements("tachi_data.orphans")

MOST_TITLES = 10

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, eq=False, repr=False)
class WhatIf:
    """The effect that a changed catalogue would have on orphans: the result of `what_if`.

    Attributes:
        diff: The changes of the catalogue.
        report: The counters that the next run over changed orphans would have.
        rows: One row per title or key: ``game, looked_for``, the number of orphans that would become
            ``scores`` or be ``removed`` as invalid, and of ``users`` who have them; the most first.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.what_if(store, alt_titles={"A new song": "Paper Lantern"})
        <WhatIf: 0 of 1 orphans would become scores, 1 would be rejected>
    """

    diff: CatalogueDiff
    report: OrphanReport
    rows: pl.DataFrame

    def __repr__(self) -> str:
        """One line: what would become of how many orphans."""
        found = self.report
        return (
            f"<WhatIf: {found.success:,} of {found.processed:,} orphans would become scores, "
            f"{found.removed:,} would be rejected>"
        )

    def _repr_html_(self) -> str:
        """The line, and the titles that most orphans look for."""
        rows = self.rows.head(MOST_TITLES).select("scores", "game", "looked_for")
        counts = {f'"{title}" ({game})': count for count, game, title in rows.iter_rows()}
        return counts_as_html(repr(self), counts)


def what_if(
    store: Store,
    catalogue: str | Path | Mapping[str, Sequence[Any]] | None = None,
    *,
    alt_titles: Mapping[str, str] | None = None,
    games: Sequence[str] | None = None,
    now: int | None = None,
    page_size: int = PAGE,
) -> WhatIf:
    """Find the orphans that would become scores if the catalogue were another one; nothing is stored.

    Args:
        store: The store; other writers wait for it meanwhile.
        catalogue: The folder of a catalogue, as `load_catalogue` reads it; or documents to add or replace, as
            `patch_catalogue` takes them.
        alt_titles: Titles that scores name, each with the title of the song that is meant.
        games: Only these games; None takes all games in the folder, and all songs of a title.
        now: Unix milliseconds, to fix the clock.
        page_size: The number of orphans that are converted at once.

    Returns:
        The changes of the catalogue, and what the next run over changed orphans would do: it also tries those that
        only wait for a run.

    Raises:
        CatalogueError: The catalogue cannot be read, or breaks a rule; or no song has one of the titles.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> found = td.what_if(store, alt_titles={"A new song": "Paper Lantern"})
        >>> found.rows.select("looked_for", "scores", "removed").rows()  # The same play of the song is known.
        [('A new song', 0, 1)]
    """
    expect_store(store)
    if catalogue is None and alt_titles is None:
        raise CatalogueError(
            "Nothing is changed: give the folder of a catalogue, documents, or alt_titles."
        )
    update = None
    if isinstance(catalogue, (str, Path)):
        update = update_of(Path(catalogue), games)
    moment = unix_ms() if now is None else now

    def start(con: DuckDBPyConnection) -> tuple[Run, CatalogueDiff]:
        documents = dict(catalogue) if isinstance(catalogue, Mapping) else {}
        if update is not None:
            diff = apply(con, update, now=moment)
        for name, songs in songs_called(alt_titles or {}, games, con).items():
            documents[name] = [*documents.get(name, ()), *songs]
        if documents or update is None:
            diff = apply(con, patch_of(documents, origin="patch", con=con), now=moment)
        return new_run("changed", None, moment, con), diff

    def end(run: Run, con: DuckDBPyConnection) -> pl.DataFrame:
        return query(con, sql("brought"), {"run_id": run.run_id})

    report, diff, rows = _tried(store, start, end, page_size)
    return WhatIf(diff, report, rows)


def songs_called(
    alt_titles: Mapping[str, str], games: Sequence[str] | None, con: DuckDBPyConnection
) -> dict[str, list[dict[str, Any]]]:
    """Returns the documents of songs with these other titles, by collection.

    Args:
        alt_titles: Each title with the title of the song that is meant.
        games: Only songs of these games; None takes all songs of the title.
        con: The connection of a transaction.

    Raises:
        CatalogueError: No song has one of the titles.
    """
    wanted = pl.DataFrame(
        {"alt": list(alt_titles), "title": list(alt_titles.values())},
        schema={"alt": pl.String, "title": pl.String},
    )
    rows = query(con, sql("songs_called"), {"games": games}, wanted=wanted)
    missing = wanted.join(rows, on="title", how="anti")["title"].to_list()
    if missing:
        raise CatalogueError(
            f"The catalogue has no song {missing[0]!r:.200}, for which alt_titles has a title."
        )
    found: dict[str, list[dict[str, Any]]] = {}
    for (game,), songs in rows.partition_by("game", as_dict=True, maintain_order=True).items():
        found[f"songs-{game}"] = list(documents_of(songs.drop("v3_id")))
    return found


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
                    run = process(run, page, con)
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

    def tried(some: pl.DataFrame) -> set[int]:
        with store.write(keep=False) as con:
            process(start(con)[0], some, con)
        return set()

    return set().union(*halved(page, tried, lambda one, _: set(one["ordinal"].to_list())))
