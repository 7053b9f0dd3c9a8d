"""A process that does something to a store, and is killed, or whose disk fails, at one of its writes.

A process takes one order after the other until it is killed, as a worker of the service does: to start one takes a
second. Random names and IDs follow from a seed, so that two runs write the same bytes.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import secrets
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
SEED = 20


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

    def kill(self, process: int) -> Ending:
        """Kill the process; the ending is that of the operation if it had ended before."""
        return Ending(**self._ask(["kill", process]))

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
    disk, worker = ctypes.CDLL(library), None
    for line in sys.stdin:
        order = json.loads(line)
        if order[0] in ("wait", "kill"):
            assert worker is not None
            if order[0] == "kill":
                os.kill(worker.process, signal.SIGKILL)
            answer = worker.answer()
            if answer["signal"] or order[0] == "kill":
                worker.end()
                worker = None
        else:
            worker = worker or Worker(disk)
            worker.take(order)
            answer = {"process": worker.process}
        print(json.dumps(answer), flush=True)


class Worker:
    """A process that takes orders until it is killed."""

    def __init__(self, disk: ctypes.CDLL) -> None:
        orders, self._orders = os.pipe()
        self._reports, reports = os.pipe()
        self.process = os.fork()
        if not self.process:
            os.close(self._orders)
            os.close(self._reports)
            _work(disk, orders, reports)
        os.close(orders)
        os.close(reports)
        self._lines = os.fdopen(self._reports, "rb")

    def take(self, order: list[Any]) -> None:
        """Send an order."""
        os.write(self._orders, json.dumps(order).encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        """Wait for the end of the order, or of the process."""
        said = self._lines.readline()
        return {"signal": 0, **json.loads(said)} if said else {"signal": int(signal.SIGKILL)}

    def end(self) -> None:
        """Leave nothing of a process that was killed."""
        _, status = os.waitpid(self.process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        os.close(self._orders)
        self._lines.close()


def _work(disk: ctypes.CDLL, orders: int, reports: int) -> None:
    """In the forked process: do the work of each order, and report how it ended."""
    from tests.torture.operations import OPERATIONS, UNCERTAIN

    operations, chance = OPERATIONS | UNCERTAIN, random.Random()
    secrets.token_hex = lambda size=None: chance.randbytes(size or 32).hex()
    with os.fdopen(orders) as lines:
        for line in lines:
            order = json.loads(line)
            seed = SEED if operations[order[0]].repeats else None
            chance.seed(seed)
            random.seed(seed)
            result = _done(disk, operations, order)
            os.write(reports, json.dumps(result).encode() + b"\n")
    os._exit(0)


def _done(disk: ctypes.CDLL, operations: dict[str, Any], order: list[Any]) -> dict[str, Any]:
    name, folder, mode, at, log = order
    result: dict[str, Any] = {}
    try:
        disk.torture_arm((folder + "/").encode(), ctypes.c_long(at), mode, log.encode())
        operations[name].work(Path(folder))
    except BaseException as error:
        known = type(error).__name__ in ("StoreError", "UncertainCommit")
        message = str(error) if known else traceback.format_exc()
        result = {"error": type(error).__name__, "message": message}
    result["writes"] = disk.torture_count()
    disk.torture_arm(b"", ctypes.c_long(0), 0, b"")
    return result


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.argv[1])
