"""A page of orphans is judged before its turn to write: what changes in between is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.orphans.pages import judged, process
from tachi_data.orphans.run_state import candidates, new_run
from tachi_data.players.locks import acquire
from tests.orphans.documents import NOW, SCORE, document, new_song, submit, write_export


def nothing(_: td.Store) -> None:
    """Change nothing."""


def the_same_play(store: td.Store) -> None:
    """The player sends the play of the first orphan once more, and it is a score by now."""
    assert submit(store, {**SCORE, "score": 100}).document["scoreIDs"]


def one_less(store: td.Store) -> None:
    with store.write() as con:
        con.execute("DELETE FROM orphans WHERE orphan_id = ?", [f"O{0:064x}"])


def another_import(store: td.Store) -> None:
    with store.write() as con:
        acquire([1], "another import", con)


def another_title(store: td.Store) -> None:
    """The song is called differently by now."""
    (song,) = new_song()["songs-iidx"]
    td.patch_catalogue(store, {"songs-iidx": [{**song, "title": "Old Song"}]})


@pytest.mark.parametrize(
    ("change", "success", "removed", "deferred"),
    [
        (nothing, 4, 0, 0),
        (the_same_play, 3, 1, 0),
        (one_less, 3, 0, 0),
        (another_import, 0, 0, 4),
        (another_title, 0, 0, 0),
    ],
)
def test_what_changed_since_a_page_was_judged_counts(
    store: td.Store,
    tmp_path: Path,
    change: Callable[[td.Store], None],
    success: int,
    removed: int,
    deferred: int,
) -> None:
    td.ingest_orphans(store, write_export(tmp_path / "o.ndjson", map(document, range(4))), now=NOW)
    td.patch_catalogue(store, new_song())
    with store.read() as con:
        run = new_run("all", None, NOW, con)
        page = candidates(run, con)
        attempt = judged(run, page, con)
    change(store)
    with store.write() as con:
        run = process(run, page, con, attempt=attempt)
    assert (run.success, run.removed, run.deferred) == (success, removed, deferred)
    stored = success + (change is the_same_play)
    assert len(td.export_documents(store, "scores")) == stored
    assert td.verify(store).is_empty()
