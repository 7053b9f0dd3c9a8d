"""An accepted import of which the worker cannot know whether it is stored: it is done once, and ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.backlog import queue
from tests.torture.machine import Machine, Mode, has_compiler, machine
from tests.torture.operations import SPOOL, STORE, UNCERTAIN
from tests.torture.power import changes_of

NAME, ID = "one accepted", "c" * 40
pytestmark = pytest.mark.skipif(not has_compiler(), reason="needs Linux and a C compiler (cc)")


@pytest.fixture(scope="module")
def the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


def commits(start: Path, the_machine: Machine) -> list[int]:
    """The writes that put commits into the log of the store for good: those of the claim, the import, and the end."""
    folder, log = shutil.copytree(start, start.with_name("whole")), start.with_name("all")
    assert the_machine.run(NAME, folder, log=str(log)).error is None
    writes = [change for change in changes_of(log) if change.kind != "c"]
    found = enumerate(writes, 1)
    return [at for at, w in found if w.kind == "s" and w.path.endswith(f"{STORE}.wal")]


@pytest.mark.parametrize("is_lost", [False, True], ids=["kept", "lost"])
def test_an_import_whose_commit_is_uncertain_is_done_once(
    tmp_path: Path, the_machine: Machine, *, is_lost: bool
) -> None:
    """The disk refuses all from the sync of a commit on, and keeps the log, or loses it with the power."""
    start, uncertain = tmp_path / "start", []
    start.mkdir()
    UNCERTAIN[NAME].prepare(start)
    for at in commits(start, the_machine):
        folder = shutil.copytree(start, tmp_path / f"full-{at}")
        assert the_machine.run(NAME, folder, Mode.FULL, at).error in (
            "StoreError",
            "UncertainCommit",
        )
        if is_lost:
            (folder / f"{STORE}.wal").unlink()
        with td.open_store(folder / STORE) as store:
            if f"not known whether import {ID} is stored" in folder.with_suffix(".log").read_text():
                uncertain.append(at)
                assert store.query("FROM imports").height == (not is_lost)
                assert store.query("SELECT status FROM import_trackers").rows() == [("RUNNING",)]
            # The same process goes on, on a disk that works again.
            assert the_machine.run(NAME, folder).error is None
            assert store.query("SELECT import_id FROM imports").rows() == [(ID,)]
            assert store.query("FROM orphans").height == 1
            assert store.query("FROM import_trackers").is_empty()
            assert td.verify(store).is_empty()
            queue.work(store, folder / SPOOL)
        assert not (folder / SPOOL / ID).exists()
    assert len(uncertain) == 1
