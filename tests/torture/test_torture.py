"""Processes that are killed, disks that are full or broken, and losses of power: nothing is lost, doubled or torn.

``TACHI_TORTURE`` says how many kills and losses there are; ``make torture`` sets it to 500. Then each write of
every operation is a point at which the process is killed, and the disk is full or broken.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.torture.machine import Ending, Machine, Mode, has_compiler, machine
from tests.torture.operations import OPERATIONS, STORE, facts, wrong
from tests.torture.power import Disk, changes_of

SIZE = int(os.environ.get("TACHI_TORTURE", "0"))
SEED = 20
# What CI tries, at a few points; the others take long to prepare.
SMALL = ("import",)
NAMES = tuple(OPERATIONS) if SIZE else SMALL
pytestmark = pytest.mark.skipif(not has_compiler(), reason="needs Linux and a C compiler (cc)")


class Ground:
    """The store before an operation and after it, and a folder for each try."""

    def __init__(self, folder: Path, name: str, machine: Machine) -> None:
        self.name, self.operation, self._machine = name, OPERATIONS[name], machine
        self._folder, self._numbers = folder, itertools.count()
        self.start = folder / "start"
        self.start.mkdir(parents=True)
        self.operation.prepare(self.start)
        done = self.fresh()
        began = time.monotonic()
        self.ending = self.run(done, log=str(folder / "log"))
        self.seconds = time.monotonic() - began
        assert self.ending.error is None, self.ending.message
        self.done = done
        # A copy is a store of its own, which is not there before.
        is_there = (self.start / self.operation.store).exists()
        self.before = facts(self.start / self.operation.store) if is_there else None
        self.after = facts(done / self.operation.store)
        assert wrong(done / self.operation.store) == []

    def fresh(self) -> Path:
        """A folder with the store before the operation."""
        return Path(shutil.copytree(self.start, self._folder / f"try-{next(self._numbers)}"))

    def run(self, folder: Path, mode: Mode = Mode.COUNT, at: int = 0, log: str = "") -> Ending:
        return self._machine.run(self.name, folder, mode, at, log)

    def killed(self, folder: Path, after: float) -> Ending:
        """Do the operation, and kill its process after some seconds."""
        process = self._machine.start(self.name, folder, Mode.COUNT)
        time.sleep(after)
        os.kill(process, signal.SIGKILL)
        return self._machine.end_of(process)

    def check(self, folder: Path, told: Ending | None = None) -> None:
        """What must be true of a store after a try: it is before or after; and the operation can be done again."""
        store, found = folder / self.operation.store, None
        if self.operation.is_whole:
            found = facts(store)
            assert found in (self.before, self.after)
            if told is not None and not told.signal and told.error != "UncertainCommit":
                is_in = told.error is None or told.message.startswith("The changes are in")
                assert found == (self.after if is_in else self.before), told.message
        elif told is not None and not told.signal and told.error is None:
            found = facts(store)
            assert found == self.after
        if found != self.after:
            again = self.run(folder)
            assert again.error is None, again.message
            assert facts(store) == self.after
        assert wrong(store) == []
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture(scope="module", params=NAMES)
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, the_machine: Machine
) -> Ground:
    return Ground(tmp_path_factory.mktemp("ground"), request.param, the_machine)


def points(ground: Ground, least: int) -> list[int]:
    """Writes of the operation, by number: all of them, or some from its whole length."""
    writes = ground.ending.writes
    assert writes is not None
    most = SIZE or least
    step = max(1, -(-writes // most))
    # At the last ones the commit is in the file already.
    return sorted({*range(1 + Random(SEED).randrange(step), writes + 1, step), writes - 1, writes})


@pytest.mark.parametrize("mode", [Mode.KILL, Mode.TEAR, Mode.FULL, Mode.BROKEN])
def test_at_each_write(ground: Ground, mode: Mode) -> None:
    for at in points(ground, 1):
        folder = ground.fresh()
        told = ground.run(folder, mode, at)
        if mode in (Mode.KILL, Mode.TEAR):
            assert told.signal == signal.SIGKILL or told.error is None
        else:
            # Only a disk that takes the log, and from then on refuses all else, leaves the outcome open.
            known = (None, "StoreError", *["UncertainCommit"] * (mode == Mode.FULL))
            assert told.error in known, f"write {at}: {told.message}"
        ground.check(folder, told)


def test_kills_at_random(ground: Ground) -> None:
    chance = Random(SEED)
    for _ in range(SIZE // len(NAMES) or 1):
        folder = ground.fresh()
        ground.check(folder, ground.killed(folder, chance.uniform(0.1, ground.seconds)))


def test_losses_of_power(ground: Ground) -> None:
    chance, log = Random(SEED), list(changes_of(ground._folder / "log"))
    for number in range(SIZE // len(NAMES) or 2):
        folder = ground.fresh()
        # The last state is that of a loss after success was reported.
        upto = len(log) if number == 0 else chance.randint(0, len(log))
        disk = Disk(folder)
        disk.make(log[:upto], ground.done)
        disk.lose_power(chance)
        if number == 0 and ground.operation.is_whole:
            assert facts(folder / STORE) == ground.after
        ground.check(folder)


def test_the_log_has_all_changes(ground: Ground) -> None:
    disk = Disk(ground.fresh())
    disk.make(list(changes_of(ground._folder / "log")), ground.done)
    found = {Path(path).name: content for path, content in disk.everything().items()}
    assert found[ground.operation.store] == (ground.done / ground.operation.store).read_bytes()
