"""The road of an import, taken at once: parse, match, validate, emit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duckdb import DuckDBPyConnection

from tachi_data.importing.emit import emit
from tachi_data.importing.failures import report_refused
from tachi_data.importing.fetch import fetch
from tachi_data.importing.job import ImportJob
from tachi_data.importing.match import match
from tachi_data.importing.outcomes import Outcomes
from tachi_data.importing.parse import Parsed, parse
from tachi_data.importing.preparation import Prepared, prepared
from tachi_data.importing.state import State
from tachi_data.importing.validate import Judged, validate
from tachi_data.store import Store, Timings, Transaction

Progress = Callable[[str], None]
Guard = Callable[[DuckDBPyConnection], None]
# Datapoints of a set that goes through the store in one transaction, which takes a tenth of a second.
MOST_IN_ONE_TURN = 2_000
# Datapoints of a set that is judged in one transaction that reads, and stored in one that writes: half a second each.
MOST_IN_TWO_TURNS = 50_000


def import_set(
    store: Store,
    jobs: Sequence[ImportJob],
    *,
    now: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    guard: Guard | None = None,
) -> Outcomes:
    """Import a set of sources of different players.

    A large set is matched and validated in a transaction that reads, before the one that writes. Of a very large
    one, all that can be is computed between short looks at the store, so that nobody waits for it. A small set goes
    through the store in one transaction: opening the file twice would cost more than the reading.

    Args:
        store: Where the catalogue is and the scores go.
        jobs: The imports, each of another player.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        progress: Called with the name of each stage before it begins.
        guard: Called at the start of the transaction that stores the set; if it raises, nothing is stored.

    Returns:
        The outcome of each job, in their order.
    """
    say, timings = progress or (lambda _: None), Timings()
    say("parse")
    with timings.step("parse"):
        fetched, refused = fetch(store, jobs)
        parsed = parse(fetched, now=now, refused=refused)
    judged: Judged | None = None
    state: State | None = None
    ahead: Prepared | None = None
    height = sum(group.rows.height for group in parsed.groups)
    if height > MOST_IN_TWO_TURNS:
        with store.glance() as con:
            judged = _judged(parsed, con, timings, say)
            ahead = prepared(judged, con, timings)
    elif height > MOST_IN_ONE_TURN:
        with store.read() as con:
            judged = _judged(parsed, con, timings, say)
    with store.write(keep=not dry_run) as con:
        if guard is not None:
            guard(con)
        if judged is None:
            judged = _judged(parsed, con, timings, say)
            state = judged.matched.state
        say("emit")
        outcomes = emit(judged, Transaction.at(con, now, timings), state=state, ahead=ahead)
    if not dry_run:
        report_refused(store, parsed, outcomes)
    return outcomes


def _judged(parsed: Parsed, con: DuckDBPyConnection, timings: Timings, say: Progress) -> Judged:
    say("match")
    with timings.step("match"):
        matched = match(parsed, con)
    say("validate")
    with timings.step("validate"):
        return validate(matched, con)
