"""A process that is paused between two transactions stops nobody: it keeps neither our lock nor DuckDB's."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

from tachi_data.store import Store, open_store

PROGRAM = """
store = open_store(path)
with store.write() as con:
    con.execute("UPDATE counters SET value = 1")
store.query("FROM counters")
print("done", flush=True)
time.sleep(60)
"""


def test_a_paused_process_stops_nobody(
    store: Store, spawn: Callable[..., subprocess.Popen[str]]
) -> None:
    process = spawn(PROGRAM)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    process.send_signal(signal.SIGSTOP)
    with open_store(store.url, lock_timeout=5) as other, other.write() as con:
        con.execute("UPDATE counters SET value = value + 1")
    assert store.query("FROM counters")["value"].to_list() == [2]
