"""The stages of an import, one after the other, for a set of imports of different users.

    with ImportSet(store, jobs) as imports:
        imports.load()      # sources become datapoints
        imports.match()     # datapoints become dry scores, and find their charts
        imports.validate()  # dry scores become complete scores, or are refused
        imports.emit()      # scores are stored with all that follows from them; ImportDocuments

From `match` on everything happens in one transaction, which ends with the block: all of it is stored
then, or nothing. Between the stages the frames can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal
from tachi_data.games import gpts
from tachi_data.importing.chart_votes import vote
from tachi_data.importing.emit import Changes, highlight_known, publish_scores, store_imports
from tachi_data.importing.failures import refuse_if_locked, report_failures
from tachi_data.importing.match import find_charts
from tachi_data.importing.orphans import keep_orphans
from tachi_data.importing.outcomes import (
    ImportOutcome,
    all_of,
    answers,
    outcomes_of,
    refused,
    with_raw,
)
from tachi_data.importing.parse import Datapoints, ImportJob, Reading, collect, read
from tachi_data.importing.timings import Timings
from tachi_data.importing.validate import complete
from tachi_data.players.users import create_users
from tachi_data.store import Rollback, Store, first_row, statements

sql = statements("tachi_data.importing")


class ImportSet:
    """Imports of different users on their way through the stages.

    ``groups`` are the datapoints, one frame per format and game; ``matched`` the dry scores with their
    charts, a frame per group; ``scores`` the complete scores by game; ``outcomes`` what became of each
    job. Each is there once its stage is done.
    """

    def __init__(
        self,
        store: Store,
        jobs: Sequence[ImportJob],
        *,
        now: int | None = None,
        dry_run: bool = False,
    ) -> None:
        self.store, self.jobs, self.dry_run = store, jobs, dry_run
        self.clock: Callable[[], int] = (lambda: now) if now is not None else (lambda: unix_ms())
        self.timings = Timings()
        self.readings: Sequence[Reading] = ()
        self.groups: list[Datapoints] = []
        self.matched: list[pl.DataFrame] = []
        self.scores: dict[str, pl.DataFrame] = {}
        self.outcomes: list[ImportOutcome] = []
        self._rows: dict[str, pl.DataFrame] = {}
        self._keeps_frames = True
        self._new_charts: list[str] = []
        self._stack = ExitStack()

    def __enter__(self) -> ImportSet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        if e is None and not self.outcomes:  # Nothing was emitted, so nothing is to stay.
            self._stack.__exit__(Rollback, Rollback(), None)
            return
        self._stack.__exit__(kind, e, at)
        if e is None and not self.dry_run:
            jobs = zip(self.jobs, self.outcomes, strict=True)
            failures = [(job, o.fatal) for job, o in jobs if o.fatal is not None]
            report_failures(self.store, failures, self.clock())

    def run(
        self, say: Callable[[str], None] = lambda _: None, *, keep_frames: bool = True
    ) -> list[ImportOutcome]:
        """All stages, and what became of each job.

        Without ``keep_frames`` what the stages made is let go as soon as it is not needed.
        """
        self._keeps_frames = keep_frames
        for stage, words in (
            (self.load, "Parsing"),
            (self.match, "Matching charts"),
            (self.validate, "Completing scores"),
            (self.emit, "Storing scores"),
        ):
            say(words)
            stage()
        return self.outcomes

    def load(self) -> None:
        """Read and parse the sources."""
        with self.timings.step("parse"):
            self.readings = [read(job, self.clock(), self.store) for job in self.jobs]

    def match(self) -> None:
        """Make dry scores of the datapoints, and find their charts; what has none is kept."""
        if all(reading.fatal for reading in self.readings):
            return
        self.con = con = self._stack.enter_context(self.store.write(keep=not self.dry_run))
        self.started = self.clock()
        self.readings = refuse_if_locked(_refuse_unknown_versions(self.readings, con), con)
        self.imports = _imports(self.readings, self.started)
        create_users(self.imports["user_id"], self.started, con)
        with self.timings.step("import"):
            self.groups = collect(self.readings)
            for group in self.groups:
                rows, new_charts = _find(group, self.started, con)
                self.matched.append(_sort_out(rows, group, self.imports, self.started, con))
                self._new_charts += new_charts

    def validate(self) -> None:
        """Complete the dry scores that have a chart; refuse those that cannot be."""
        for game in self._games():
            pairs = zip(self.groups, self.matched, strict=True)
            mine = [rows for group, rows in pairs if group.gpt.game == game]
            if mine:
                with self.timings.step("import"):
                    # One frame is in order already; of large ones every copy counts.
                    rows = (
                        mine[0] if len(mine) == 1 else pl.concat(mine, how="diagonal").sort("row")
                    )
                    self._rows[game] = rows
                    self.scores[game] = complete(self._rows[game], game, self.started, self.con)

    def emit(self) -> None:
        """Store the new scores and all that follows from them, and make the ImportDocuments."""
        if all(reading.fatal for reading in self.readings):
            self.outcomes = [refused(reading) for reading in self.readings]
            return
        judged = [outcomes_of(self._rows[game], scores) for game, scores in self.scores.items()]
        datapoints = with_raw(all_of(judged), self.groups)
        del judged
        if not self._keeps_frames:
            self._let_go()
        changes = [self._publish(game) for game in self._games()]
        documents = store_imports(
            self.imports.with_columns(time_finished=pl.lit(self.clock(), dtype=pl.Int64)),
            datapoints,
            changes,
            self.timings,
            self.con,
        )
        by_source = dict(zip(self.imports["source"].to_list(), documents, strict=True))
        self.outcomes = answers(self.readings, datapoints, by_source, self._new_charts)

    def _let_go(self) -> None:
        """Free all but the scores: the sources, raw records and matches."""
        self.groups, self.matched, self._rows = [], [], {}
        self.readings = [
            r if r.parsed is None else replace(r, parsed=replace(r.parsed, datapoints=()))
            for r in self.readings
        ]

    def _games(self) -> list[str]:
        """The games of the imports that are not refused."""
        parsed = (r.parsed for r in self.readings if r.parsed and not r.fatal)
        return list(dict.fromkeys(p.game for p in parsed))

    def _publish(self, game: str) -> Changes:
        mine = self.imports.filter(pl.col("game") == game)
        players = dict(zip(mine["source"].to_list(), mine["user_id"].to_list(), strict=True))
        classes = _classes(self.readings, players)
        new = self._new_scores(game)
        return publish_scores(new, players, classes, game, self.started, self.con, self.timings)

    def _new_scores(self, game: str) -> pl.DataFrame:
        """The complete scores that are to be stored."""
        scores = self.scores.get(game)
        if scores is None:
            return NO_SCORES
        highlight_known(scores, game, self.con)
        if not self._keeps_frames:
            del self.scores[game]
        return scores.filter(pl.col("outcome").is_null())


def _classes(
    readings: Sequence[Reading], players: Mapping[int, int]
) -> dict[int, Mapping[str, Mapping[str, str]]]:
    """The classes that each import provides, of those with a class provider."""
    return {
        i: parsed.classes
        for i in players
        if (parsed := readings[i].parsed) is not None and parsed.classes is not None
    }


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
