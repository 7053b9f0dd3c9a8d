"""Imports that are accepted now and done later, by another process.

An accepted import is a file in the spool folder and a tracker in the store; both survive a crash of the
service and of the worker. Imports of one player are done in the order of acceptance, one at a time.
States: QUEUED, RUNNING, FAILED; a finished import has a document and no tracker.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.backlog import leases, presence
from tachi_data.backlog import spool as _spool
from tachi_data.backlog.gathering import MOST_BYTES, MOST_ITEMS
from tachi_data.clock import unix_ms
from tachi_data.documents.imports import stored_import
from tachi_data.errors import UNEXPECTED, ImportFatal, StoreError, UncertainCommit
from tachi_data.halving import each
from tachi_data.import_types import all_import_types
from tachi_data.importing import Guard, ImportJob, ImportOutcome
from tachi_data.importing.failures import Failure, report_failures
from tachi_data.importing.fetch import fetch
from tachi_data.imports import import_many
from tachi_data.players import client_settings
from tachi_data.players.locks import free
from tachi_data.store import Store, execute, first_row, insert, query, statements

sql = statements("tachi_data.backlog")

__all__ = [
    "accept",
    "fetch_noted",
    "is_unfinished",
    "progress",
    "recover",
    "report_left_behind",
    "run",
    "run_noted",
    "state",
    "work",
]

log = logging.getLogger("tachi_data.importing")
# After a conflict with another import of the player, or if the store cannot be written, an import waits for a random
# time of at most PATIENCE ** attempt seconds.
PATIENCE, MOST_ATTEMPTS = 4, 7
WAITS_FOR_PLAYER = "Waiting for another import of the player"
WAITS_FOR_STORE = "Waiting until the store can be written again"
UNSTORED = "The import could not be stored, although it was tried again and again. Nothing of it is stored."
STOPPED = "The service was stopped while it did this import."
TIME = pl.Datetime("ms")
ID = {"import_id": pl.String()}
# The names of the stages for people.
STAGES = {
    "parse": "Parsing",
    "match": "Matching charts",
    "validate": "Validating scores",
    "emit": "Storing scores",
}


def accept(store: Store, spool: Path, job: ImportJob) -> None:
    """Accept an import: when this returns, the import will be done or reported as failed.

    Args:
        store: The store.
        spool: The spool folder.
        job: The import, with its source as bytes or JSON.

    Raises:
        StoreError: The import is not accepted: the spool folder or the store cannot be written.
    """
    _spool.put(spool, job)
    tracker = pl.DataFrame(
        {
            "import_id": [job.import_id],
            "import_type": [job.import_type],
            "user_id": [job.user_id],
            "user_intent": [job.user_intent],
            "status": ["QUEUED"],
            "progress": ["Waiting for a worker"],
            "time_started": [unix_ms()],
        }
    ).with_columns(pl.col("time_started").cast(TIME))
    try:
        with store.write() as con:
            insert(con, "import_trackers", tracker)
    except StoreError:
        _spool.remove(spool, job.import_id)
        raise


def work(store: Store, spool: Path) -> int:
    """Do the queued imports, in sets of different players, until none is left.

    Args:
        store: The store.
        spool: The spool folder.

    Returns:
        How many imports were done.
    """
    # A worker with nothing to do looks every second: to read once takes a fifth of what the steps below take.
    if not (is_unfinished(store) or _spool.import_ids(spool) or _spool.parts(spool)):
        return 0
    recover(store, spool)
    _sweep(store, spool)
    count = 0
    while claimed := _claim(store, spool):
        _do(store, spool, claimed)
        count += len(claimed)
    return count


def recover(store: Store, spool: Path) -> None:
    """Put imports of workers that died back into the queue; forget finished imports.

    Args:
        store: The store.
        spool: The spool folder.
    """
    with store.write() as con:
        con.execute(sql("forget_finished"))
        leases.requeue_dead(spool, con)


def report_left_behind(store: Store, spool: Path) -> int:
    """Report imports as failed that a service was doing when it died.

    Args:
        store: The store.
        spool: The spool folder.

    Returns:
        How many there were.
    """
    notes = _spool.left_behind(spool)
    presence.forget_dead(spool)
    found = [(job, note.time_started) for note in notes for job in note.jobs]
    done = _settled(store, [job.import_id for job, _ in found])
    lost = ((job, started) for job, started in found if job.import_id not in done)
    stopped = ImportFatal(500, STOPPED)
    report_failures(store, (Failure(job, stopped, started) for job, started in lost))
    for note in notes:
        _spool.forget(spool, note)
    _sweep(store, spool)
    return len(found)


def _settled(store: Store, import_ids: list[str]) -> set[str]:
    if not import_ids:
        return set()
    return set(store.query(sql("settled_jobs"), {"ids": import_ids})["import_id"].to_list())


def _sweep(store: Store, spool: Path) -> None:
    """Remove uploads that a process left when it died: of imports that have ended, or were not accepted yet."""
    there = _spool.import_ids(spool)
    settled = _settled(store, there)
    rows = store.query(sql("unknown_jobs"), {"ids": there}) if there else None
    unknown = [] if rows is None else rows["import_id"].to_list()
    for name in (*settled, *_spool.abandoned(spool, unknown)):
        _spool.remove(spool, name)


def _claim(store: Store, spool: Path) -> dict[str, int]:
    """Take the next set of queued imports on: the oldest one of each player who has none running.

    Returns:
        The number of the attempt, by import.
    """
    with store.write() as con:
        now = unix_ms()
        due = query(con, sql("next_jobs"), {"now": now, "most": MOST_ITEMS})
        sizes = [_spool.size(spool, import_id) for import_id in due["import_id"].to_list()]
        fits = pl.Series(sizes, dtype=pl.Int64).cum_sum() <= MOST_BYTES
        # The first one is taken, however large it is.
        taken = due.filter(fits | (pl.int_range(due.height, eager=True) == 0))
        if taken.height:
            execute(
                con, sql("claim_jobs"), {"owner": leases.owner(spool), "now": now}, claimed=taken
            )
    return dict(taken.select("import_id", "attempt").iter_rows())


def _do(store: Store, spool: Path, claimed: Mapping[str, int]) -> None:
    """Do claimed imports as one set, and note the outcome of each."""
    jobs = {
        i: replace(_spool.get(spool, i), fence=attempt)
        for i, attempt in claimed.items()
        if _spool.is_there(spool, i)
    }
    with leases.heartbeat(store, list(claimed), leases.owner(spool)):
        outcomes = each(list(jobs.values()), lambda some: run(store, spool, some), (StoreError,))
    failed = {i: ImportFatal(500, "The uploaded file is gone.") for i in claimed if i not in jobs}
    uncertain, unstored = set(), set()
    for import_id, outcome in zip(jobs, outcomes, strict=True):
        if isinstance(outcome, UncertainCommit):
            # Once its lease has ended, it is forgotten if it is stored, and else done again.
            log.error("it is not known whether import %s is stored", import_id, exc_info=outcome)
            uncertain.add(import_id)
        elif isinstance(outcome, StoreError):
            log.error("import %s could not be stored", import_id, exc_info=outcome)
            unstored.add(import_id)
            failed[import_id] = ImportFatal(500, UNSTORED)
        elif isinstance(outcome, Exception):
            log.error("import %s failed unexpectedly", import_id, exc_info=outcome)
            failed[import_id] = ImportFatal(500, UNEXPECTED)
        elif outcome.fatal is not None:
            failed[import_id] = outcome.fatal
    done = [i for i in claimed if i not in failed and i not in uncertain]
    with store.write() as con:
        # Of imports that another worker has taken since, nothing is noted.
        mine = _still_own(spool, claimed, con)
        failed = {i: fatal for i, fatal in failed.items() if i in mine}
        patient = {
            i: claimed[i]
            for i, fatal in failed.items()
            if (fatal.status_code == 409 or i in unstored) and claimed[i] < MOST_ATTEMPTS
        }
        given_up = {i: fatal for i, fatal in failed.items() if i not in patient}
        _put_back(patient, unstored, con)
        _fail(given_up, con)
        free([jobs[i].user_id for i, f in given_up.items() if f.status_code == 409], con)
        execute(con, sql("forget_jobs"), done=pl.DataFrame({"import_id": done}, schema=ID))
    for import_id in (*done, *given_up):
        _spool.remove(spool, import_id)


def _still_own(spool: Path, claimed: Mapping[str, int], con: DuckDBPyConnection) -> set[str]:
    """The claimed imports that are still this worker's."""
    wanted = pl.DataFrame(
        {"import_id": list(claimed), "attempt": list(claimed.values())},
        schema={"import_id": pl.String, "attempt": pl.Int64},
    )
    own = query(con, sql("own_jobs"), {"owner": leases.owner(spool)}, wanted=wanted)
    return set(own["import_id"].to_list())


def run(store: Store, spool: Path, jobs: Sequence[ImportJob]) -> list[ImportOutcome]:
    """Do accepted imports of different players as one set, and write their progress into the spool folder.

    Args:
        store: The store.
        spool: The spool folder.
        jobs: The imports.

    Returns:
        One outcome per job, in their order.
    """

    def say(text: str) -> None:
        for job in jobs:
            _spool.say(spool, job.import_id, text)

    return _imported(store, jobs, say)


def _imported(
    store: Store,
    jobs: Sequence[ImportJob],
    say: Callable[[str], None],
    guard: Guard | None = None,
) -> list[ImportOutcome]:
    outcomes = import_many(store, jobs, progress=lambda stage: say(STAGES[stage]), guard=guard)
    for job, outcome in zip(jobs, outcomes, strict=True):
        if outcome.fatal is None:
            client_settings.consume(store, all_import_types()[job.import_type], job.user_id)
    return outcomes


def run_noted(
    store: Store, spool: Path, jobs: Sequence[ImportJob], guard: Guard | None = None
) -> list[ImportOutcome]:
    """Do imports now; if this process dies meanwhile, `report_left_behind` reports them as failed.

    Args:
        store: The store.
        spool: The spool folder.
        jobs: The imports, of different players.
        guard: Called at the start of the transaction that stores them; if it raises, nothing is stored.

    Returns:
        One outcome per job, in their order.
    """
    if not jobs:
        return []
    with _spool.noted(spool, jobs) as say:
        return _imported(store, jobs, say, guard)


def fetch_noted(store: Store, spool: Path, job: ImportJob) -> ImportJob:
    """Return the job with its source, fetched from the service that the player has linked.

    Raises:
        ImportFatal: The source could not be fetched; the import is recorded as failed then.
    """
    started = unix_ms()
    with _spool.noted(spool, [job]):
        (found,), refused = fetch(store, [job])
    if refused:
        report_failures(store, [Failure(job, refused[0], started)])
        raise refused[0]
    return found


def progress(spool: Path, import_id: str) -> str | None:
    """Return the progress of an import that has not ended.

    Args:
        spool: The spool folder.
        import_id: The ID of the import.

    Returns:
        Words for people; None if the import is not in the spool folder: then `state` knows it.
    """
    return _spool.progress(spool, import_id)


def _put_back(
    attempts: Mapping[str, int], unstored: Collection[str], con: DuckDBPyConnection
) -> None:
    """Try imports again after a while: between half and all of a bound that grows with the attempts."""
    now = unix_ms()
    waits = [PATIENCE**attempt * random.uniform(0.5, 1) for attempt in attempts.values()]
    later = pl.DataFrame(
        {
            "import_id": list(attempts),
            "not_before": [now + int(1000 * s) for s in waits],
            "progress": [WAITS_FOR_STORE if i in unstored else WAITS_FOR_PLAYER for i in attempts],
        },
        schema={"import_id": pl.String, "not_before": pl.Int64, "progress": pl.String},
    )
    execute(con, sql("put_back"), later=later)


def _fail(fatals: Mapping[str, ImportFatal], con: DuckDBPyConnection) -> None:
    """Report imports as failed."""
    rows = [(i, fatal.status_code, fatal.message) for i, fatal in fatals.items()]
    schema = {"import_id": pl.String, "status_code": pl.Int64, "message": pl.String}
    execute(con, sql("fail_jobs"), failed=pl.DataFrame(rows, schema=schema, orient="row"))


def is_unfinished(store: Store) -> bool:
    """Return whether any accepted import waits or is running.

    Args:
        store: The store.
    """
    with store.read() as con:
        return first_row(con, sql("unfinished_jobs")) is not None


def state(store: Store, import_id: str) -> dict[str, Any] | None:
    """Return the state of an import.

    Args:
        store: The store.
        import_id: The ID of the import.

    Returns:
        ``status`` (completed, queued, running or failed), with the document or the error; None if the import is
        not known.
    """
    with store.read() as con:
        document = stored_import(con, import_id)
        if document is not None:
            return {"status": "completed", "import": document}
        found = query(con, sql("job_state"), {"import_id": import_id})
    return next(found.iter_rows(named=True), None)
