"""Importing scores: parse, convert, match, complete, publish — for one import or ten thousand at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import ImportFatal
from tachi_data.games import gpts
from tachi_data.importing._chart_queue import vote
from tachi_data.importing._completing import complete
from tachi_data.importing._converting import find_charts
from tachi_data.importing._locks import refuse_if_locked, report_failures
from tachi_data.importing._orphans import keep_orphans
from tachi_data.importing._outcomes import (
    ImportOutcome,
    all_of,
    answers,
    outcomes_of,
    refused,
    with_raw,
)
from tachi_data.importing._publishing import Changes, highlight_known, publish_scores, store_imports
from tachi_data.importing._questlines import questline_progress
from tachi_data.importing._reading import Datapoints, ImportJob, Reading, collect, read
from tachi_data.importing._removing import blacklist_scores, delete_scores, revert_import
from tachi_data.importing._sql import first_row, sql
from tachi_data.importing._subscriptions import subscribe, unsubscribe
from tachi_data.importing._timing import Timings
from tachi_data.importing._users import create_users
from tachi_data.store import Store

__all__ = [
    "ImportJob",
    "ImportOutcome",
    "blacklist_scores",
    "delete_scores",
    "import_many",
    "import_scores",
    "questline_progress",
    "revert_import",
    "subscribe",
    "unsubscribe",
]

Progress = Callable[[str], None]


def import_scores(
    store: Store,
    import_type: str,
    source: Any,
    *,
    user_id: int,
    user_intent: bool = True,
    options: Mapping[str, Any] | None = None,
    now: int | None = None,
    dry_run: bool = False,
    import_id: str | None = None,
) -> ImportOutcome:
    """Import scores of one user from one source.

    Args:
        store: Where the catalogue is and the scores go.
        import_type: One of `tachi_data.import_types`, such as ``file/batch-manual``.
        source: A path or the bytes of a file; the JSON body of an ``ir/`` type; recorded answers of
            the upstream for an ``api/`` type, or None to fetch them from the service that the player
            has linked (see `tachi_data.integrations`).
        user_id: The player; created if unknown.
        user_intent: Whether the user asked for it, only recorded.
        options: Form fields, headers and parts of the URL that the type's parser looks at.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        import_id: 40 hex digits; made up where not given.

    Raises:
        ImportFatal: The import as a whole is refused, and nothing is stored.
    """
    if isinstance(source, str) and import_type.startswith("file/"):
        source = Path(source)
    extra = {} if import_id is None else {"import_id": import_id}
    job = ImportJob(import_type, source, user_id, user_intent, options or {}, **extra)
    (outcome,) = import_many(store, [job], now=now, dry_run=dry_run)
    if outcome.fatal is not None:
        raise outcome.fatal
    return outcome


def import_many(
    store: Store,
    jobs: Sequence[ImportJob],
    *,
    now: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[ImportOutcome]:
    """Import many sources, of one or many users, as sets; one outcome per job, in their order.

    Imports of different users go through every stage together and are stored in one transaction.
    Several imports of one user are done one after the other, as their order decides.
    """
    say = progress or (lambda _: None)
    outcomes: dict[int, ImportOutcome] = {}
    for wave in _waves(jobs):
        done = _import_set(store, [jobs[i] for i in wave], now, dry_run, say)
        outcomes.update(zip(wave, done, strict=True))
    return [outcomes[i] for i in range(len(jobs))]


def _waves(jobs: Sequence[ImportJob]) -> Iterator[list[int]]:
    """Positions of jobs that can be done together: the first of each user, then the second ones."""
    nth: dict[int, int] = {}
    waves: list[list[int]] = []
    for index, job in enumerate(jobs):
        turn = nth.get(job.user_id, 0)
        nth[job.user_id] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(index)
    yield from waves


def _import_set(
    store: Store, jobs: Sequence[ImportJob], now: int | None, dry_run: bool, say: Progress
) -> list[ImportOutcome]:
    """Import sources of different users as one set."""
    timings, clock = Timings(), _clock(now)
    say("Parsing")
    with timings.step("parse"):
        readings = [read(job, clock(), store) for job in jobs]
    if all(reading.fatal for reading in readings):
        outcomes = [refused(reading) for reading in readings]
    else:
        with _transaction(store, dry_run) as con:
            outcomes = _run(readings, clock, con, timings, say)
    if not dry_run:
        report_failures(store, [r.job for r in readings], outcomes, clock())
    return outcomes


def _clock(now: int | None) -> Callable[[], int]:
    return (lambda: now) if now is not None else (lambda: time.time_ns() // 1_000_000)


class _DryRun(Exception):
    """Leaves a transaction so that it is rolled back."""


@contextmanager
def _transaction(store: Store, dry_run: bool) -> Iterator[DuckDBPyConnection]:
    try:
        with store.write() as con:
            yield con
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass


def _run(
    readings: Sequence[Reading],
    clock: Callable[[], int],
    con: DuckDBPyConnection,
    timings: Timings,
    say: Progress,
) -> list[ImportOutcome]:
    """The table of contents of an import, for a set of them."""
    started = clock()
    readings = refuse_if_locked(_refuse_unknown_versions(readings, con), con)
    imports = _imports(readings, started)
    create_users(imports["user_id"], started, con)
    say("Matching charts")
    with timings.step("import"):
        groups = collect(readings)
        found = [_find(group, started, con) for group in groups]
        settled = [
            _sort_out(rows, group, imports, started, con)
            for (rows, _), group in zip(found, groups, strict=True)
        ]
    outcomes, changes = [], []
    for game in dict.fromkeys(
        reading.parsed.game for reading in readings if reading.parsed and not reading.fatal
    ):
        say(f"Completing scores of {game}")
        mine = [rows for group, rows in zip(groups, settled, strict=True) if group.gpt.game == game]
        with timings.step("import"):
            rows = pl.concat(mine, how="diagonal").sort("row") if mine else None
            scores = None if rows is None else complete(rows, game, started, con)
        say(f"Storing scores of {game}")
        changes.append(_publish(readings, scores, game, imports, started, con, timings))
        if rows is not None and scores is not None:
            outcomes.append(outcomes_of(rows, scores))
    datapoints = with_raw(all_of(outcomes), groups)
    documents = store_imports(
        imports.with_columns(time_finished=pl.lit(clock(), dtype=pl.Int64)),
        datapoints,
        changes,
        timings,
        con,
    )
    return answers(
        readings,
        datapoints,
        dict(zip(imports["source"].to_list(), documents, strict=True)),
        [chart for _, new_charts in found for chart in new_charts],
    )


def _refuse_unknown_versions(readings: Sequence[Reading], con: DuckDBPyConnection) -> list[Reading]:
    """Refuse imports that name a version which neither the game nor any chart knows."""
    stated = {(r.parsed.game, r.parsed.version) for r in readings if r.parsed and r.parsed.version}
    strange = [(g, v) for g, v in stated if all(v not in value.versions for value in gpts(g))]
    unknown = {pair for pair in strange if not first_row(con, sql("version_is_listed"), [*pair])}

    def judged(reading: Reading) -> Reading:
        parsed = reading.parsed
        if parsed is None or (parsed.game, parsed.version) not in unknown:
            return reading
        legal = ", ".join(gpts(parsed.game)[0].versions)
        message = f"{parsed.game} has no version {parsed.version!r}; it has {legal}."
        return Reading(reading.job, reading.kind, fatal=ImportFatal(400, message))

    return [judged(reading) for reading in readings]


def _imports(readings: Sequence[Reading], started: int) -> pl.DataFrame:
    """One row per import that is not refused."""
    rows = [
        (
            i,
            r.job.import_id,
            r.job.import_type,
            r.job.user_id,
            r.job.user_intent,
            r.parsed.game,
            started,
        )
        for i, r in enumerate(readings)
        if r.parsed is not None and r.fatal is None
    ]
    schema = {
        "source": pl.Int64,
        "import_id": pl.String,
        "import_type": pl.String,
        "user_id": pl.Int64,
        "user_intent": pl.Boolean,
        "game": pl.String,
        "time_started": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _find(group: Datapoints, now: int, con: DuckDBPyConnection) -> tuple[pl.DataFrame, list[str]]:
    """Match the datapoints of one format, and the IDs of charts that they brought in."""
    rows = find_charts(group, con)
    new_charts = vote(rows, group, now, con)
    return (find_charts(group, con) if new_charts else rows), new_charts


def _sort_out(
    rows: pl.DataFrame, group: Datapoints, imports: pl.DataFrame, now: int, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Give the datapoints of one format their import; those without a chart are kept as orphans."""
    unmatched = rows.filter(pl.col("outcome") == "SongOrChartNotFound")
    named = imports.select("source", "import_id", "import_type")
    rows = rows.join(named, on="source", how="left", maintain_order="left")
    if unmatched.is_empty():
        return rows.with_columns(
            orphan_id=pl.lit(None, dtype=pl.String), data=pl.lit(None, dtype=pl.String)
        )
    kept = keep_orphans(unmatched, group, imports, now, con)
    return (
        rows.join(kept, on="row", how="left", maintain_order="left")
        .with_columns(outcome=pl.coalesce("outcome_right", "outcome"))
        .drop("outcome_right")
    )


def _publish(
    readings: Sequence[Reading],
    scores: pl.DataFrame | None,
    game: str,
    imports: pl.DataFrame,
    now: int,
    con: DuckDBPyConnection,
    timings: Timings,
) -> Changes:
    mine = imports.filter(pl.col("game") == game)
    players = dict(zip(mine["source"].to_list(), mine["user_id"].to_list(), strict=True))
    classes = {
        i: parsed.classes
        for i in players
        if (parsed := readings[i].parsed) is not None and parsed.classes is not None
    }
    if scores is not None:
        highlight_known(scores, game, con)
    new = NO_SCORES if scores is None else scores.filter(pl.col("outcome").is_null())
    return publish_scores(new, players, classes, game, now, con, timings)


NO_SCORES = pl.DataFrame(
    schema={
        "row": pl.Int64,
        "source": pl.Int64,
        "user_id": pl.Int64,
        "playtype": pl.String,
        "chart_id": pl.String,
        "time_achieved": pl.Datetime("ms"),
    }
)
