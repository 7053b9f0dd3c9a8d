"""A process that does something to a store, and is killed, or whose disk fails, at one of its writes.

The process is forked from one that has loaded the package already, which saves two seconds each time.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent


class Mode(IntEnum):
    """What happens at a write; the numbers are those of ``disk.c``."""

    COUNT = 0
    KILL = 1
    TEAR = 2
    FULL = 3
    BROKEN = 4


@dataclass(frozen=True)
class Ending:
    """How a process ended.

    Attributes:
        signal: The signal that ended it; 0 for none.
        writes: How many changes of files it made; None if it was killed.
        error: The type of its exception, if it had one.
        message: The text of its exception, or the whole traceback of one that is no StoreError.
    """

    signal: int
    writes: int | None = None
    error: str | None = None
    message: str = ""


class Machine:
    """Runs operations (see `tests.torture.operations`) in processes of their own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, operation: str, folder: Path, mode: Mode = Mode.COUNT, at: int = 0, log: str = ""
    ) -> Ending:
        """Do an operation on the store of a folder.

        Args:
            operation: The name of the operation.
            folder: Has the store.
            mode: What happens at one of the writes.
            at: At which, from 1.
            log: The file that gets all writes; empty for none.
        """
        return self.end_of(self.start(operation, folder, mode, at, log))

    def start(self, operation: str, folder: Path, mode: Mode, at: int = 0, log: str = "") -> int:
        """Begin an operation; returns the process."""
        order = [operation, str(folder), int(mode), at, log]
        return int(self._ask(order)["process"])

    def end_of(self, process: int) -> Ending:
        """Wait for an operation to end."""
        return Ending(**self._ask(["wait", process]))

    def _ask(self, order: list[Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def has_compiler() -> bool:
    """Whether the failing disk can be made here."""
    return sys.platform == "linux" and shutil.which("cc") is not None


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine whose disk is compiled into the folder."""
    library = folder / "disk.so"
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", library, HERE / "disk.c", "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(REPOSITORY)}
    environment |= {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "0"}
    program = [sys.executable, "-m", "tests.torture.machine", str(library)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        program, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=REPOSITORY
    ) as process:
        yield Machine(process)
        assert process.stdin is not None
        process.stdin.close()


def serve(library: str) -> None:
    """Carry out the orders that come line by line."""
    # What takes long to load and starts no thread. Our own modules use Polars, whose threads a fork would lose.
    import duckdb
    import msgspec
    import orjson
    import pandera.polars

    del duckdb, msgspec, orjson, pandera
    disk = ctypes.CDLL(library)
    reports: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if order[0] == "wait":
            answer = _waited(order[1], reports.pop(order[1]))
        else:
            ours, theirs = os.pipe()
            process = os.fork()
            if not process:
                _work(disk, order, theirs)
            os.close(theirs)
            reports[process] = ours
            answer = {"process": process}
        print(json.dumps(answer), flush=True)


def _work(disk: ctypes.CDLL, order: list[Any], report: int) -> None:
    """In the forked process: do the work, report, and end."""
    from tests.torture.operations import OPERATIONS

    name, folder, mode, at, log = order
    result: dict[str, Any] = {}
    try:
        work = OPERATIONS[name].work
        disk.torture_arm((folder + "/").encode(), ctypes.c_long(at), mode, log.encode())
        work(Path(folder))
    except BaseException as error:
        known = type(error).__name__ in ("StoreError", "UncertainCommit")
        message = str(error) if known else traceback.format_exc()
        result = {"error": type(error).__name__, "message": message}
    result["writes"] = disk.torture_count()
    disk.torture_arm(b"", ctypes.c_long(0), 0, b"")
    os.write(report, json.dumps(result).encode())
    os._exit(0)


def _waited(process: int, report: int) -> dict[str, Any]:
    with os.fdopen(report, "rb") as file:
        said = file.read()
    _, status = os.waitpid(process, 0)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": ended_by, **(json.loads(said) if said else {})}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.argv[1])
