"""Accepted imports, while all processes are killed, paused and started again: none is lost, or done twice.

``TACHI_TORTURE`` says that 200 imports are tried instead of 24 (``make torture``).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.backlog import queue

IMPORTS = 200 if os.environ.get("TACHI_TORTURE") else 24
WORKERS = 2
# As the lease of 90 s and the pause of more than that would be, but short.
LEASES = "leases.HEARTBEAT_S, leases.DEAD_AFTER_S = 0.2, 1.5"
PAUSE_S = 2.5
DOCUMENT = json.dumps(
    {
        "meta": {"game": "iidx", "playtype": "SP", "service": "tests"},
        "scores": [
            {
                "matchType": "songTitle",
                "identifier": "A song that nobody knows",
                "difficulty": "ANOTHER",
                "score": 1000,
                "lamp": "CLEAR",
            }
        ],
    }
)
PROGRAM = f"""
import sys, time
from pathlib import Path
import tachi_data as td
from tachi_data.backlog import leases, queue

{LEASES}
store, spool = td.open_store(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
"""
WORK = f"""{PROGRAM}
while True:
    queue.work(store, spool)
    time.sleep(0.02)
"""
ACCEPT = f"""{PROGRAM}
for player in range(int(sys.argv[3]), {IMPORTS}):
    job = td.ImportJob("file/batch-manual", {DOCUMENT.encode()!r}, player + 1)
    queue.accept(store, spool, job)
    print(player, job.import_id, flush=True)
    time.sleep(0.02)
"""


class Crew:
    """Processes of one program each, with host names of their own where that is possible."""

    def __init__(self, folder: Path) -> None:
        self._arguments = [str(folder / "store.duckdb"), str(folder / "spool")]
        self._started: list[subprocess.Popen[str]] = []
        self._hosts = 0
        unshare = subprocess.run(["unshare", "--uts", "hostname", "x"], capture_output=True)  # noqa: S607
        self._can_rename = unshare.returncode == 0

    def start(self, program: str, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, *self._arguments, *more]
        if self._can_rename:
            self._hosts += 1
            rename = f'hostname machine-{self._hosts}; exec "$@"'
            command = ["unshare", "--uts", "sh", "-c", rename, "sh", *command]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    made = Crew(tmp_path)
    yield made
    made.end()


def accepted_by(process: subprocess.Popen[str]) -> dict[int, str]:
    """What a killed process said that it has accepted, by number."""
    assert process.stdout is not None
    # A line may be cut by the kill; then nobody was told.
    whole = [line for line in process.stdout.read().splitlines(keepends=True) if line[-1] == "\n"]
    return {int(number): import_id for number, import_id in map(str.split, whole)}


def until(holds: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_accepted_imports_are_done_once(tmp_path: Path, crew: Crew) -> None:
    chance = random.Random(20)
    store = td.open_store(tmp_path / "store.duckdb")
    workers = [crew.start(WORK) for _ in range(WORKERS)]
    accepted: dict[int, str] = {}
    while len(accepted) < IMPORTS:
        service = crew.start(ACCEPT, str(max(accepted, default=-1) + 1))
        time.sleep(chance.uniform(0.2, 1.5))
        victim = chance.randrange(WORKERS)
        if chance.random() < 0.5:
            workers[victim].kill()
            workers[victim] = crew.start(WORK)
        else:
            workers[victim].send_signal(signal.SIGSTOP)
            time.sleep(PAUSE_S)
            workers[victim].send_signal(signal.SIGCONT)
        service.kill()
        accepted |= accepted_by(service)
    until(lambda: not queue.is_unfinished(store))
    crew.end()
    # What killed processes left is removed by the next worker.
    assert queue.work(store, tmp_path / "spool") == 0
    imports = store.query("SELECT import_id, user_id FROM imports")
    assert imports["import_id"].is_unique().all()
    assert set(accepted.values()) <= set(imports["import_id"])
    # A player whose process was killed before it said so may have sent the same twice.
    assert imports["user_id"].n_unique() == IMPORTS
    assert store.query("SELECT * FROM import_trackers").is_empty()
    orphans = store.query("SELECT user_id FROM orphans")
    assert sorted(orphans["user_id"]) == list(range(1, IMPORTS + 1))
    assert td.verify(store).is_empty()
    assert [p.name for p in (tmp_path / "spool").glob("[0-9a-f]*")] == []
