"""Several processes and threads on one store. The processes are real, and so are the kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tachi_data.errors import StoreError
from tachi_data.store import Store, copy_store, insert, open_store
from tests.store.conftest import COUNTERS, EVENTS

Spawn = Callable[..., "subprocess.Popen[str]"]

WORK = """
store = open_store(path)
for step in range(6):
    with store.write() as con:
        con.execute("UPDATE counters SET value = value + 1")
        insert(con, "events", pl.DataFrame({"worker": [me], "step": [step]}))
    seen = store.query("SELECT value AS a, (SELECT count(*) FROM events) AS b FROM counters")
    assert seen["a"].item() == seen["b"].item(), seen
"""
HOLD = """
store = open_store(path)
with store.{kind}() as con:
    print("in", flush=True)
    time.sleep(60)
"""


def value(store: Store) -> int:
    return int(store.query("SELECT value FROM counters")["value"].item())


@pytest.mark.slow
def test_eight_processes_write_and_read(store: Store, spawn: Spawn) -> None:
    for process in [spawn(WORK, me) for me in range(8)]:
        assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)
    assert value(store) == 48
    assert store.query("SELECT DISTINCT worker, step FROM events").height == 48


def test_processes_that_create_together_all_succeed(path: Path, spawn: Spawn) -> None:
    program = """
store = open_store(path, tables=[Table("events", {"worker": pl.Int64()})])
with store.write() as con:
    insert(con, "events", pl.DataFrame({"worker": [me]}))
"""
    for process in [spawn(program, me) for me in range(4)]:
        assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)
    assert sorted(open_store(path).query("FROM events")["worker"]) == [0, 1, 2, 3]


def test_threads_write_and_read(store: Store) -> None:
    def work(worker: int) -> None:
        for step in range(5):
            with store.write() as con:
                con.execute("UPDATE counters SET value = value + 1")
                insert(con, "events", pl.DataFrame({"worker": [worker], "step": [step]}))
            value(store)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (value(store), store.query("FROM events").height) == (40, 40)


def test_readers_are_in_together(store: Store) -> None:
    both = threading.Barrier(2, timeout=10)

    def read(_: int) -> None:
        with store.read():
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(read, range(2)))


def test_threads_are_served_in_the_order_in_which_they_asked(store: Store) -> None:
    served: list[int] = []

    def enter(number: int) -> None:
        with store.read() if number % 2 else store.write():
            served.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(20)]
    with store.write():
        for thread in threads:
            thread.start()
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    # Two readers that are in together may note themselves in any order; writers are alone.
    assert [n for n in served if n % 2 == 0] == list(range(0, 20, 2))


@pytest.mark.parametrize("kind", ["read", "write"])
def test_threads_that_gave_up_leave_one_waiting(path: Path, store: Store, kind: str) -> None:
    impatient = open_store(path, lock_timeout=0.05)

    def enter(_: int) -> str:
        try:
            with getattr(impatient, kind)():
                return "in"
        except StoreError as error:
            return str(error)

    with store.write(), ThreadPoolExecutor(50) as pool:
        found = list(pool.map(enter, range(200)))
        waiting = [t for t in threading.enumerate() if t.name == "wait for a store"]
    assert all("Gave up after 0.05 s" in words for words in found)
    assert len(waiting) <= 2
    assert (enter(0), value(store)) == ("in", 0)


def test_a_transaction_may_end_in_another_thread(store: Store) -> None:
    transaction = store.write()
    with ThreadPoolExecutor(1) as pool:
        con = pool.submit(transaction.__enter__).result()
        con.execute("UPDATE counters SET value = 5")
        transaction.__exit__(None, None, None)
        assert pool.submit(value, store).result() == 5


def test_a_writer_gets_in_while_readers_hammer(store: Store) -> None:
    stop = threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            with store.read() as con:
                con.execute("FROM counters").fetchall()
                time.sleep(0.02)

    readers = [threading.Thread(target=hammer) for _ in range(4)]
    for reader in readers:
        reader.start()
    waits = []
    for _ in range(10):
        start = time.monotonic()
        with store.write() as con:
            waits.append(time.monotonic() - start)
            con.execute("UPDATE counters SET value = value + 1")
    stop.set()
    for reader in readers:
        reader.join()
    assert value(store) == 10
    # A writer waits for the readers that are in, not for those behind it.
    assert sorted(waits)[5] < 0.3, waits


def test_readers_get_in_while_writers_hammer(store: Store, spawn: Spawn) -> None:
    program = """
store = open_store(path)
print("in", flush=True)
while True:
    with store.write() as con:
        con.execute("UPDATE counters SET value = value + 1")
        time.sleep(0.02)
"""
    for process in [spawn(program) for _ in range(3)]:
        assert process.stdout is not None
        process.stdout.readline()
    start = time.monotonic()
    seen = [value(store) for _ in range(10)]
    assert time.monotonic() - start < 10
    assert seen[0] < seen[-1]


@pytest.mark.parametrize("kind", ["read", "write"])
def test_the_time_out_says_who_is_in(store: Store, spawn: Spawn, kind: str) -> None:
    with open_store(store.url, lock_timeout=0.2) as waiting:
        process = spawn(HOLD.format(kind=kind))
        assert process.stdout is not None
        process.stdout.readline()
        who = f"process {process.pid} " if Path("/proc/locks").exists() else "another process"
        start = time.monotonic()
        with pytest.raises(StoreError, match=f"Gave up after 0.2 s.*{who}"), waiting.write():
            pass
        assert time.monotonic() - start < 5
        process.kill()
        process.wait()
        # The wait that was given up does not keep the lock it gets at last.
        with waiting.write() as con:
            con.execute("UPDATE counters SET value = 9")
        assert value(waiting) == 9


def test_it_waits_for_a_program_that_knows_no_lock(store: Store, path: Path, spawn: Spawn) -> None:
    program = """
import duckdb
con = duckdb.connect(path)
print("in", flush=True)
time.sleep(1)
con.close()
"""
    process = spawn(program)
    assert process.stdout is not None
    process.stdout.readline()
    assert value(store) == 0
    with store.write() as con:
        con.execute("UPDATE counters SET value = 1")
    assert process.wait() == 0


def test_a_forked_child_does_not_keep_the_lock(store: Store) -> None:
    with store.write():
        child = os.fork()
        if child == 0:
            time.sleep(30)
            os._exit(0)
    try:
        assert value(open_store(store.url, lock_timeout=5)) == 0
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_forked_child_does_not_end_the_transaction(path: Path, spawn: Spawn) -> None:
    program = """
store = open_store(path, tables=[Table("events", {"step": pl.Int64()})])
store.query("FROM events")
try:
    with store.write() as con:
        insert(con, "events", pl.DataFrame({"step": [1]}))
        child = os.fork()
        if child == 0:
            raise KeyError
        assert os.waitpid(child, 0)[1] == 0
        insert(con, "events", pl.DataFrame({"step": [2]}))
except KeyError:
    # The child has no more rights than any other process, and ends in peace.
    try:
        open_store(path, lock_timeout=0.1)
    except StoreError as error:
        assert "Gave up" in str(error), error
    else:
        sys.exit(1)
"""
    process = spawn(program)
    assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)
    assert open_store(path).query("FROM events")["step"].to_list() == [1, 2]


def test_a_started_program_does_not_keep_the_lock(store: Store) -> None:
    with store.write():
        process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False
        )
    try:
        assert value(open_store(store.url, lock_timeout=5)) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_killed_writer_leaves_before_or_after(store: Store, spawn: Spawn) -> None:
    program = """
store = open_store(path)
while True:
    with store.write() as con:
        # The first transaction takes long, as modules are loaded in it.
        con.execute("UPDATE counters SET value = value + 1")
        steps = pl.DataFrame({"step": pl.int_range(5000, eager=True)})
        insert(con, "events", steps.with_columns(worker=pl.lit(me)))
    print("in", flush=True)
"""
    chance = random.Random(7)
    last = 0
    for me in range(10):
        process = spawn(program, me)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait()
        start = time.monotonic()
        seen = store.query("SELECT value AS a, (SELECT count(*) FROM events) AS b FROM counters")
        assert time.monotonic() - start < 10
        assert seen["a"].item() * 5000 == seen["b"].item()
        assert seen["a"].item() >= last
        last = seen["a"].item()
    assert last > 10


def test_a_log_that_a_killed_writer_left_is_recovered(
    store: Store, path: Path, spawn: Spawn
) -> None:
    program = """
import duckdb
con = duckdb.connect(path)
con.execute("UPDATE counters SET value = 3")
os.kill(os.getpid(), 9)
"""
    assert spawn(program).wait() == -9
    log = path.with_name("test.duckdb.wal")
    assert log.exists()
    assert value(store) == 3
    assert not log.exists()


def test_a_killed_creation_leaves_nothing_half_made(path: Path, spawn: Spawn) -> None:
    program = """
views = ["CREATE TABLE part AS FROM range(100000)", "SELECT count(*) FROM range(10000000000000)"]
open_store(path, views=views)
"""
    process = spawn(program)
    new = path.with_name("test.duckdb.new")
    while not new.exists():
        time.sleep(0.01)
    time.sleep(0.1)
    process.kill()
    process.wait()
    assert new.exists()
    assert not path.exists()
    assert open_store(path).query("SHOW TABLES")["name"].to_list() == ["store_meta"]
    assert not new.exists()


def test_a_failed_creation_leaves_nothing_half_made(path: Path) -> None:
    with pytest.raises(duckdb.Error, match="no"):
        open_store(path, views=["SELECT error('no')"])
    assert not path.exists()


DIE_BEFORE_CHECKPOINT = """
from pathlib import Path
from tachi_data.store._engines import Settings, attached, transaction
from tachi_data.store._journal import save
with open_store(path).write() as con:
    con.execute("UPDATE counters SET value = 3")
with attached(path, "READ_WRITE", Settings()) as con:
    with transaction(con, lambda: save(con, Path(path)) or os.kill(os.getpid(), 9)):
        con.execute("UPDATE counters SET value = 4")
"""


def write_in_the_middle(path: Path, content: bytes, start: int = 12_288 + 4096) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


@pytest.mark.parametrize("writing", [False, True])
def test_a_torn_checkpoint_is_made_good(
    store: Store, path: Path, spawn: Spawn, writing: bool
) -> None:
    assert spawn(DIE_BEFORE_CHECKPOINT).wait() == -9
    write_in_the_middle(path, b"torn" * 1000)
    with store.write() if writing else store.read() as con:
        assert con.execute("SELECT value FROM counters").fetchall() == [(3,)]
    names = {p.name.removeprefix("test.duckdb") for p in path.parent.iterdir()}
    assert names == {"", ".lock", ".queue"}


FILL_THE_DISK = """
import resource
store, room = open_store(path), int(me)
try:
    with store.write() as con:
        con.execute("UPDATE counters SET value = 3")
        con.execute("INSERT INTO events SELECT range % 7, range FROM range(200000)")
        con.execute("INSERT INTO events SELECT hash(range) % 1000, hash(range) % 1000 FROM range(90000)")
        most = os.path.getsize(path) + room
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
except StoreError as error:
    assert "Nothing was changed" in str(error), error
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with store.write() as con:
        con.execute("UPDATE counters SET value = value + 10")
"""


@pytest.mark.parametrize("room", [0, 5_000, 262_144 + 10])
def test_a_full_disk_changes_nothing(store: Store, spawn: Spawn, room: int) -> None:
    process = spawn(FILL_THE_DISK, room)
    assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)
    assert value(store) == 10
    assert store.query("FROM events").is_empty()


def test_copies_older_than_a_checkpoint_are_not_put_back(
    store: Store, path: Path, spawn: Spawn
) -> None:
    assert spawn(DIE_BEFORE_CHECKPOINT).wait() == -9
    copies = path.with_name("test.duckdb.before")
    old = copies.read_bytes()
    with store.write() as con:
        con.execute("UPDATE counters SET value = 5")
    assert not copies.exists()
    copies.write_bytes(old)
    assert value(store) == 5
    assert not copies.exists()


def test_half_made_copies_are_not_put_back(store: Store, path: Path, spawn: Spawn) -> None:
    assert spawn(DIE_BEFORE_CHECKPOINT).wait() == -9
    copies = path.with_name("test.duckdb.before")
    copies.write_bytes(copies.read_bytes()[:-5000])
    assert value(store) == 3
    assert not copies.exists()


COPY = """
from tachi_data.store import copy_store
with open_store(path) as source, open_store(path + ".copy") as target:
    print("opened", flush=True)
    while not os.path.exists(path + ".go"):
        time.sleep(0.01)
    copy_store(source, target, folder=os.path.dirname(path))
"""


def test_a_copy_that_was_killed_leaves_nothing_behind(
    store: Store, path: Path, spawn: Spawn
) -> None:
    """Its folder goes with the next copy; that of a copy which is still at work stays."""
    target = open_store(f"{path}.copy", tables=[COUNTERS, EVENTS])
    killed, other = spawn(COPY), spawn(COPY)
    for process in (killed, other):
        assert process.stdout is not None
        assert process.stdout.readline() == "opened\n"

    def folders() -> list[Path]:
        return [file.parent for file in path.parent.glob("tachi-copy-*/events.parquet")]

    with target.write():  # Both have taken the rows, and wait to put them.
        path.with_name(f"{path.name}.go").touch()
        while len(folders()) < 2:
            assert (killed.poll(), other.poll()) == (None, None)
        killed.kill()
        killed.wait()
    assert other.wait(60) == 0
    assert len(folders()) == 1
    with pytest.raises(StoreError, match="holds rows already"):
        copy_store(store, target, folder=path.parent)
    assert folders() == []
