"""A process is alive as long as it holds its lock, whatever its host and number are."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tachi_data.backlog import presence, queue, spool
from tachi_data.errors import StoreError
from tachi_data.importing import ImportJob
from tests.stores import open_new

PROGRAM = """
import sys, time
from pathlib import Path
from tachi_data.backlog import spool
from tachi_data.importing import ImportJob

folder = Path(sys.argv[1])
jobs = [ImportJob("file/batch-manual", b"", 7 + n, import_id=name * 40) for n, name in enumerate("ab")]
with spool.noted(folder, jobs):
    print("ready", flush=True)
    time.sleep(60)
"""

START = """
import fcntl, runpy, sys
from pathlib import Path

lock = fcntl.lockf

def late(*arguments):
    print("about to lock", flush=True)
    sys.stdin.readline()
    return lock(*arguments)

fcntl.lockf = late
print(runpy.run_path(sys.argv[1])["identity"](Path(sys.argv[2])), flush=True)
sys.stdin.read()
"""


def test_this_process_is_alive_and_an_unknown_one_is_not(tmp_path: Path) -> None:
    mine = presence.identity(tmp_path)
    assert presence.identity(tmp_path) == mine
    assert presence.is_alive(tmp_path, mine)
    for other in ("0" * 40, "../x", {"host": "h", "pid": 1}, None):
        assert not presence.is_alive(tmp_path, other)


def test_an_import_of_a_process_is_left_behind_once_that_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "ready\n"
    with spool.noted(tmp_path, [ImportJob("file/batch-manual", b"", 9)]):
        assert spool.left_behind(tmp_path) == []
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        (note,) = spool.left_behind(tmp_path)
    assert [(job.import_id, job.user_id) for job in note.jobs] == [("a" * 40, 7), ("b" * 40, 8)]
    assert note.time_started > 0
    spool.forget(tmp_path, note)
    assert spool.left_behind(tmp_path) == []
    presence.forget_dead(tmp_path)
    assert [p.name for p in (tmp_path / presence.FOLDER).iterdir()] == [presence.identity(tmp_path)]


def test_the_progress_of_a_set_is_that_of_each_of_its_imports(tmp_path: Path) -> None:
    jobs = [ImportJob("file/batch-manual", b"", n) for n in (7, 8)]
    with spool.noted(tmp_path, jobs) as say:
        assert {spool.progress(tmp_path, job.import_id) for job in jobs} == {"Importing"}
        say("Storing scores")
        assert {spool.progress(tmp_path, job.import_id) for job in jobs} == {"Storing scores"}
        assert spool.progress(tmp_path, "c" * 40) is None
    assert spool.progress(tmp_path, jobs[1].import_id) is None


def test_a_process_that_starts_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, presence.__file__, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "about to lock\n"
        presence.forget_dead(tmp_path)
        process.stdin.write("\n")
        process.stdin.flush()
        assert presence.is_alive(tmp_path, process.stdout.readline().strip())
        process.communicate()
    assert process.returncode == 0


def test_an_import_that_was_about_to_be_accepted_is_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    with open_new(tmp_path / "store.duckdb") as store:
        job = ImportJob("file/batch-manual", b"{}", 7)
        spool.put(folder, job)
        part = folder / f".{'b' * 40}.{'c' * 40}"
        part.mkdir()
        queue.work(store, folder)
        assert spool.is_there(folder, job.import_id)  # This process is still about to accept it.
        assert not part.exists()
        facts = json.loads((folder / job.import_id / spool.JOB).read_bytes())
        (folder / job.import_id / spool.JOB).write_text(json.dumps(facts | {"process": "d" * 40}))
        queue.work(store, folder)
        assert spool.progress(folder, job.import_id) is None


def test_a_spool_that_cannot_be_written_accepts_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    presence.identity(folder)
    with open_new(tmp_path / "store.duckdb") as store:
        job = ImportJob("file/batch-manual", b"{}", 7)
        (
            folder / job.import_id
        ).mkdir()  # The folder's name is taken by something that is not empty.
        (folder / job.import_id / "x").touch()
        with pytest.raises(StoreError, match="cannot be accepted"):
            queue.accept(store, folder, job)
        assert not queue.is_unfinished(store)
    assert list(folder.glob(f".{job.import_id}*")) == []
