"""A move to v3 that is killed at random moments, and started again, ends as one that was never killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import tachi_data as td
from tests.upkeep.moving import NOW, in_v3, played, standing

KILLS = int(os.environ.get("TACHI_TORTURE", "0")) // 25 or 4
# Each player is a transaction, so that there are many moments between two of them.
PROGRAM = """
import sys
import tachi_data as td
from tachi_data.upkeep import derivation

derivation.GROUP = 1
print("ready", flush=True)
with td.open_store(sys.argv[1]) as store:
    td.load_catalogue(store, sys.argv[2], now=int(sys.argv[3]))
"""


def moving(store: Path, seeds: Path) -> subprocess.Popen[str]:
    """A process that moves the store, and is about to begin."""
    command = [sys.executable, "-c", PROGRAM, str(store), str(seeds), str(NOW)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "ready\n"
    return process


def test_a_move_that_is_killed_goes_on(tmp_path: Path, sample: Path) -> None:
    seeds = in_v3(sample / "catalogue", tmp_path / "v3")
    for name, catalogue in (("old", sample / "catalogue"), ("fresh", seeds)):
        with td.open_store(tmp_path / name) as store:
            td.load_catalogue(store, catalogue, now=NOW)
            played(store, sample, upto=4)
    chance = random.Random(20)
    for _ in range(KILLS):
        process = moving(tmp_path / "old", seeds)
        time.sleep(chance.uniform(0.1, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert moving(tmp_path / "old", seeds).wait(120) == 0
    with td.open_store(tmp_path / "old") as store, td.open_store(tmp_path / "fresh") as fresh:
        assert standing(store) == standing(fresh)
        assert td.verify(store).is_empty()
