"""Loading a catalogue, and all that follows from it: a move to v3, scores derived again, orphans tried again.

The catalogue itself changes in one transaction. What follows is done in slices, each a transaction of its own, and
noted in the store; so a load that was interrupted goes on with the next load, even if that changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data import catalogue
from tachi_data.catalogue import CatalogueDiff, stale
from tachi_data.orphans import OrphanReport, reprocess_orphans
from tachi_data.standings.goals.moving import move_subscriptions
from tachi_data.store import Store, query, statements
from tachi_data.upkeep import derive_again

sql = statements("tachi_data", "loading.sql")

Say = Callable[[str], object]


def load_catalogue(
    store: Store,
    folder: str | Path,
    games: Iterable[str] | None = None,
    *,
    now: int | None = None,
    progress: Say | None = None,
) -> CatalogueDiff:
    """Replace the catalogue of some games by the files of a folder, and do what follows.

    The files may be of v2 or of v3. What came from files before and is in them no more is removed; what was
    patched in, or made from what players submitted, stays. Nothing is stored if anything is wrong. A catalogue of
    v3 moves the store to v3: charts and songs keep their IDs, scores are derived again by the rules of v3, and
    orphans are tried again.

    Args:
        store: Where the catalogue is kept.
        folder: With ``songs-<game>.json`` and ``charts-<game>.json`` (v3: ``charts-iidx-sp.json``), and
            perhaps ``folders.json``, ``goals.json``, ``quests.json``, ``questlines.json`` and
            ``bms-course-lookup.json``.
        games: Which games, such as ``iidx``; None takes all that are there.
        now: The time, in milliseconds.
        progress: Called with a few words whenever a slice of what follows is done.

    Returns:
        What changed, with warnings about what is not known here, and with what followed.

    Raises:
        CatalogueError: A file is missing, a document is not what it should be, the files are of both
            forms, or of v2 where the store has a catalogue of v3.

    Example:
        >>> with td.open_store(folder / "new.duckdb") as new:
        ...     print(td.load_catalogue(new, seeds))
        The catalogue is now at version 1.
          wacca songs: 1 added
          wacca charts: 1 added
          wacca goals: 1 added
    """
    diff = catalogue.load_catalogue(store, folder, games, now=now)
    return follow(store, diff, now=now, progress=progress)


def catalogue_sync(
    store: Store,
    source: str | Path,
    *,
    ref: str | None = None,
    now: int | None = None,
    progress: Say | None = None,
    **where: Any,
) -> CatalogueDiff:
    """Load the catalogue from a git repository, or from a plain folder, and do what follows.

    Args:
        store: Where the catalogue is kept.
        source: A git URL, a local repository, or a folder that is none.
        ref: Branch, tag or full commit ID; None takes what the repository's HEAD is.
        now: The time, in milliseconds.
        progress: Called with a few words whenever a slice of what follows is done.
        where: Further arguments of `tachi_data.catalogue.sync`.

    Returns:
        The changes, with warnings about things that are not known here, and with what followed.

    Raises:
        CatalogueError: The source cannot be fetched, or is no catalogue.

    Example:
        >>> with td.open_store(folder / "new.duckdb") as new:
        ...     td.catalogue_sync(new, seeds).games
        ('wacca',)
    """
    diff = catalogue.sync(store, source, ref=ref, now=now, **where)
    return follow(store, diff, now=now, progress=progress)


def follow(
    store: Store, diff: CatalogueDiff, *, now: int | None = None, progress: Say | None = None
) -> CatalogueDiff:
    """Do what follows from a change of the catalogue, or what an interrupted call has left.

    Args:
        store: The store.
        diff: The change.
        now: The time, in milliseconds.
        progress: Called with a few words whenever a slice is done.

    Returns:
        The change, with sentences about what followed.
    """
    say = progress or (lambda text: None)
    with store.read() as con:
        games = stale(con)
        waiting = query(con, sql("orphans_by_new_rules"))["orphans"][0]
    said = list(diff.followed)
    brings_goals = diff.generation == 3 and "goals" in diff.others["collection"]
    if games or waiting or brings_goals or diff.moved_from is not None:
        with store.write() as con:
            moved = move_subscriptions(con)
        said += [f"{moved:,} subscriptions to goals moved to goals of v3."] if moved else []
    if games:
        derived = derive_again(store, now=now, progress=lambda n: say(f"{n:,} players derived"))
        said += _derived(derived)
    if waiting:
        said.append(_tried_again(store, now, say))
    return replace(diff, followed=tuple(said))


def _derived(derived: pl.DataFrame) -> Iterator[str]:
    """Yields what was derived again, a sentence for each game with scores."""
    for row in derived.filter(pl.col("scores") > 0).iter_rows(named=True):
        yield f"{row['game']}: {row['scores']:,} scores derived again, {row['changed']:,} changed."
        if row["unrated"]:
            yield f"{row['game']}: {row['unrated']:,} scores cannot be rated by the new rules."


def _tried_again(store: Store, now: int | None, say: Say) -> str:
    """Try the orphans that wait for new rules again; returns what became of them."""

    def tell(report: OrphanReport) -> None:
        say(f"{report.processed:,} orphans tried")

    report = reprocess_orphans(store, only_due=True, now=now, progress=tell)
    if not report.deferred:
        with store.write() as con:
            con.execute(sql("no_more_by_new_rules"))
    return (
        f"{report.processed:,} orphans tried again: {report.success:,} became scores,"
        f" {report.removed:,} were put away, {report.failed:,} still wait."
    )
