"""A process is alive as long as it holds its lock, whatever its host and number are."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tachi_data.backlog import presence, spool
from tachi_data.importing import ImportJob

PROGRAM = """
import sys, time
from pathlib import Path
from tachi_data.backlog import spool
from tachi_data.importing import ImportJob

folder = Path(sys.argv[1])
with spool.noted(folder, ImportJob("file/batch-manual", b"", 7, import_id="a" * 40)):
    print("ready", flush=True)
    time.sleep(60)
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
    with spool.noted(tmp_path, ImportJob("file/batch-manual", b"", 8)):
        assert list(spool.left_behind(tmp_path)) == []
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        ((job, started),) = spool.left_behind(tmp_path)
    assert (job.import_id, job.user_id) == ("a" * 40, 7)
    assert started > 0
    presence.forget_dead(tmp_path)
    assert [p.name for p in (tmp_path / presence.FOLDER).iterdir()] == [presence.identity(tmp_path)]
