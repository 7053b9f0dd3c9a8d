"""Imports that are being worked on: how a worker says so, and how others notice that it says so no more.

No clock of another machine counts. An import is free again when the process that took it has ended, as its file
lock tells (see `tachi_data.backlog.presence`), or when its heartbeat has not changed for so long by the clock of
the process that looks. Who lost an import without knowing finds that out before it stores anything, by the number
of the attempt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.backlog import presence
from tachi_data.clock import Watch, unix_ms
from tachi_data.store import Store, execute, query, statements

sql = statements("tachi_data.backlog")

log = logging.getLogger("tachi_data.importing")
HEARTBEAT_S = 15.0
DEAD_AFTER_S = 90.0
BEAT = ["import_id", "owner", "heartbeat"]

# Of the heartbeats of each spool folder.
_watches: defaultdict[Path, Watch] = defaultdict(lambda: Watch(BEAT))


def owner(spool: Path) -> str:
    """Return the name under which this thread takes imports on.

    Args:
        spool: The spool folder.
    """
    return f"{presence.identity(spool)}:{threading.get_ident()}"


@contextmanager
def heartbeat(store: Store, import_ids: list[str], owner: str) -> Iterator[None]:
    """Say every few seconds that imports are being worked on.

    Args:
        store: The store.
        import_ids: The imports.
        owner: Who works on them.
    """
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_S):
            # A store that is away for a while (a full disk, a database that is restarted) may come back.
            try:
                with store.write() as con:
                    con.execute(sql("beat"), {"ids": import_ids, "owner": owner, "now": unix_ms()})
            except Exception:
                log.exception("a heartbeat could not be stored")

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def requeue_dead(spool: Path, con: DuckDBPyConnection) -> None:
    """Put imports back into the queue whose worker has died, or was silent for as long as this process looked.

    Args:
        spool: The spool folder.
        con: A transaction that writes.
    """
    running = query(con, sql("running_jobs"))
    beats = _watches[spool.resolve()].since(running)
    processes = beats["owner"].str.split(":").list.first().unique().to_list()
    alive = [name for name in processes if presence.is_alive(spool, name)]
    process = pl.col("owner").str.split(":").list.first()
    is_silent = pl.col("since") <= time.monotonic() - DEAD_AFTER_S
    dead = beats.filter(~process.is_in(alive).fill_null(value=False) | is_silent)
    if dead.height:
        execute(con, sql("requeue_jobs"), dead=dead.select("import_id"))
