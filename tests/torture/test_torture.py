"""Processes that are killed, disks that are full or broken, and losses of power: nothing is lost, doubled or torn.

``TACHI_TORTURE`` says how many random kills and losses there are, for all operations together; ``make torture`` sets
it to 500. Then each write of every operation is a point of a kill, a torn write, a full disk and a broken one. What
was tried is listed at the end.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.torture.machine import Ending, Machine, Mode, has_compiler, machine
from tests.torture.operations import OPERATIONS, STORE, Facts, content, facts, wrong
from tests.torture.power import Disk, changes_of, half

SIZE = int(os.environ.get("TACHI_TORTURE", "0"))
SEED = 20
# What CI tries, at a few points; the others take long to prepare.
SMALL = ("import",)
NAMES = tuple(OPERATIONS) if SIZE else SMALL
# How many of the states that a kill leaves are made by a kill, not from the log.
REAL = 10
Record = Callable[[str, object], None]
pytestmark = pytest.mark.skipif(not has_compiler(), reason="needs Linux and a C compiler (cc)")


class Ground:
    """The store before an operation and after it, and a folder for each try."""

    def __init__(self, folder: Path, name: str, machine: Machine) -> None:
        self.name, self.operation, self._machine = name, OPERATIONS[name], machine
        self._folder, self._numbers = folder, itertools.count()
        self.start = folder / "start"
        self.start.mkdir(parents=True)
        self.operation.prepare(self.start)
        # The first one loads modules, which takes longer than the work.
        self.run(self.fresh())
        done = self.fresh()
        began = time.monotonic()
        self.ending = self.run(done, log=str(folder / "log"))
        self.seconds = time.monotonic() - began
        assert self.ending.error is None, self.ending.message
        self.done = done
        self.log = list(changes_of(folder / "log"))
        # A copy is a store of its own, which is not there before.
        is_there = (self.start / self.operation.store).exists()
        self.before = facts(self.start / self.operation.store) if is_there else None
        self.after = facts(done / self.operation.store)
        # What stores said that were found right, and what folders that were tried held when their process ended.
        self._right: list[Facts] = []
        self._tried: dict[str, Facts | None] = {}
        self._expect_right(done / self.operation.store)

    def fresh(self) -> Path:
        """A folder with the store before the operation."""
        return Path(shutil.copytree(self.start, self._folder / f"try-{next(self._numbers)}"))

    def run(self, folder: Path, mode: Mode = Mode.COUNT, at: int = 0, log: str = "") -> Ending:
        return self._machine.run(self.name, folder, mode, at, log)

    def killed(self, folder: Path, after: float) -> Ending:
        """Do the operation, and kill its process after some seconds."""
        process = self._machine.start(self.name, folder, Mode.COUNT)
        time.sleep(after)
        return self._machine.kill(process)

    def check(self, folder: Path, told: Ending | None = None) -> None:
        """What must be true of a store after a try: it is before or after; and the operation can be done again."""
        state = bytes_of(folder)
        # A folder with the same bytes was tried already. What the caller is told may differ all the same.
        found = self._tried.get(state)
        if state not in self._tried:
            found = self._found(folder)
        self._expect_told(found, told)
        if state not in self._tried:
            store = folder / self.operation.store
            # What an operation of several transactions has left to do need not show in these facts.
            if found != self.after or not self.operation.is_whole:
                again = self.run(folder)
                assert again.error is None, again.message
                assert facts(store) == self.after
            self._expect_right(store)
            self._tried[state] = found
        shutil.rmtree(folder)

    def _found(self, folder: Path) -> Facts | None:
        """What the store says, if there is one already."""
        store = folder / self.operation.store
        return facts(store) if self.before is not None or store.exists() else None

    def _expect_told(self, found: Facts | None, told: Ending | None) -> None:
        """Whether the store has all or nothing, as the caller was told."""
        if self.operation.is_whole:
            assert found in (self.before, self.after)
        if told is None or told.signal or told.error == "UncertainCommit":
            return
        if told.error is None or (self.operation.is_whole and self._is_in(told)):
            assert found == self.after, told.message
        elif self.operation.is_whole:
            assert found == self.before, told.message

    @staticmethod
    def _is_in(told: Ending) -> bool:
        return told.message.startswith("The changes are in")

    def _expect_right(self, store: Path) -> None:
        """Whether all rows follow from others; a store that says the same as one that was right is right."""
        said = content(store)
        if said not in self._right:
            assert wrong(store) == []
            self._right.append(said)


def bytes_of(folder: Path) -> str:
    """A hash of all files of a folder but locks."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".lock", ".queue"):
            found.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


class Findings(list[str]):
    """What was wrong, of all tries of a test."""

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """Note what is wrong within a block: any failure."""
        try:
            yield
        except Exception as error:
            self.append(f"{what}: {type(error).__name__} {error}")


@pytest.fixture(scope="module")
def the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture(scope="module", params=NAMES)
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, the_machine: Machine
) -> Ground:
    return Ground(tmp_path_factory.mktemp("ground"), request.param, the_machine)


def points(ground: Ground, most: int) -> list[int]:
    """Writes of the operation, by number: all of them, or some from its whole length."""
    writes = ground.ending.writes
    assert writes is not None
    step = max(1, -(-writes // most))
    # At the last ones the commit is in the file already.
    return sorted({*range(1 + Random(SEED).randrange(step), writes + 1, step), writes - 1, writes})


@pytest.mark.parametrize("mode", [Mode.KILL, Mode.TEAR, Mode.FULL, Mode.BROKEN])
def test_at_each_write(ground: Ground, mode: Mode, record_property: Record) -> None:
    findings, is_kill = Findings(), mode in (Mode.KILL, Mode.TEAR)
    tried = points(ground, (REAL if is_kill and SIZE > REAL else SIZE) or 1)
    for at in tried:
        folder = ground.fresh()
        with findings.of(f"write {at}"):
            told = ground.run(folder, mode, at)
            if is_kill:
                assert told.signal == signal.SIGKILL or told.error is None
            else:
                # Only a disk that takes the log, and from then on refuses all else, leaves the outcome open.
                known = (None, "StoreError", *["UncertainCommit"] * (mode == Mode.FULL))
                assert told.error in known, told.message
            ground.check(folder, told)
    record_property(f"{ground.name}: {mode.name.lower()}", len(tried))
    record_property(f"{ground.name}: writes", ground.ending.writes)
    assert findings == []


@pytest.mark.parametrize("is_torn", [False, True], ids=["whole", "torn"])
def test_states_that_a_kill_leaves(ground: Ground, is_torn: bool, record_property: Record) -> None:
    """Each state between two changes, and within each write, as the log of a whole run has them."""
    findings = Findings()
    ends = [i for i, change in enumerate(ground.log) if change.kind == "w" or not is_torn]
    ends = ends if SIZE else Random(SEED).sample(ends, 3)
    for end in ends:
        folder = ground.fresh()
        disk = Disk(folder)
        disk.make(ground.log[:end], ground.done)
        if is_torn:
            disk.make([half(ground.log[end])], ground.done)
        disk.kill()
        with findings.of(f"change {end} of the log"):
            ground.check(folder)
    record_property(f"{ground.name}: {'torn' if is_torn else 'killed'} states", len(ends))
    assert findings == []


def test_kills_at_random(ground: Ground, record_property: Record) -> None:
    chance, findings, number = Random(SEED), Findings(), -(-SIZE // len(NAMES)) or 1
    for _ in range(number):
        folder, after = ground.fresh(), chance.uniform(0, ground.seconds)
        with findings.of(f"killed after {after:.3f} s"):
            ground.check(folder, ground.killed(folder, after))
    record_property(f"{ground.name}: random kills", number)
    assert findings == []


def test_losses_of_power(ground: Ground, record_property: Record) -> None:
    chance, findings, number = Random(SEED), Findings(), -(-SIZE // len(NAMES)) or 2
    for loss in range(number):
        folder = ground.fresh()
        # The last state is that of a loss after success was reported.
        upto = len(ground.log) if loss == 0 else chance.randint(0, len(ground.log))
        disk = Disk(folder)
        disk.make(ground.log[:upto], ground.done)
        disk.lose_power(chance)
        with findings.of(f"loss {loss} after {upto} changes"):
            if loss == 0 and ground.operation.is_whole:
                assert facts(folder / STORE) == ground.after
            ground.check(folder)
    record_property(f"{ground.name}: losses", number)
    assert findings == []


def test_the_log_has_all_changes(ground: Ground) -> None:
    disk = Disk(ground.fresh())
    disk.make(ground.log, ground.done)
    found = {Path(path).name: content for path, content in disk.everything().items()}
    assert found[ground.operation.store] == (ground.done / ground.operation.store).read_bytes()
