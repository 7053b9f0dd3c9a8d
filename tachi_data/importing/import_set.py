"""The road, walked: all at once, or step by step.

imports = ImportSet(store, jobs)
imports.parse()     # sources become datapoints
imports.match()     # datapoints become dry scores, and find their charts
imports.validate()  # dry scores become complete scores, or are refused
imports.emit()      # scores are stored with all that follows from them; ImportDocuments
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duckdb import DuckDBPyConnection

from tachi_data.importing.emit import emit
from tachi_data.importing.failures import report_failures
from tachi_data.importing.fetch import fetch
from tachi_data.importing.job import ImportJob
from tachi_data.importing.match import Matched, match
from tachi_data.importing.outcomes import Outcomes
from tachi_data.importing.parse import Parsed, parse
from tachi_data.importing.validate import Judged, validate
from tachi_data.store import Store, Timings, Transaction

Progress = Callable[[str], None]
# Datapoints of a set that goes through the store in one transaction: a tenth of a second.
MOST_IN_ONE_TURN = 2_000


class ImportSet:
    """Imports of different players on their way through the four stages.

    The result of each stage can be looked at before the next one. Only `emit` writes, in one transaction.

    Attributes:
        jobs: The imports.
        parsed: The result of `parse`; `matched` and `judged` are the results of the next two stages.
        outcomes: The outcome of each job; `emit` makes them.
        timings: The time that each stage took, in milliseconds.

    Example:
        >>> imports = td.ImportSet(store, [td.ImportJob("file/batch-manual", scores, user_id=7)])
        >>> parsed = imports.parse()
        >>> matched = imports.match()
        >>> matched.frames[0].select("row", "chart_id", "outcome").rows()
        [(0, 'paper-lantern-hard', None), (1, None, 'SongOrChartNotFound')]
        >>> judged = imports.validate()
        >>> judged.scores["wacca"].select("score", "grade").rows()
        [(912000, 'S')]
        >>> [outcome.fatal for outcome in imports.emit()]
        [None]
    """

    parsed: Parsed
    matched: Matched
    judged: Judged
    outcomes: Outcomes

    def __init__(
        self,
        store: Store,
        jobs: Sequence[ImportJob],
        *,
        now: int | None = None,
        dry_run: bool = False,
    ) -> None:
        self.jobs, self.timings = list(jobs), Timings()
        self._store, self._now, self._dry_run = store, now, dry_run

    def parse(self) -> Parsed:
        """Read and parse the sources; sources of another service are fetched before."""
        with self.timings.step("parse"):
            jobs, refused = fetch(self._store, self.jobs)
            self.parsed = parse(jobs, now=self._now, refused=refused)
        return self.parsed

    def match(self) -> Matched:
        """Make dry scores of the datapoints, and find their charts."""
        with self._store.read() as con:
            return self._match(con)

    def validate(self) -> Judged:
        """Complete the dry scores, and refuse impossible ones."""
        with self._store.read() as con:
            return self._validate(con)

    def emit(self) -> Outcomes:
        """Store the scores with all that follows from them."""
        with self._store.write(keep=not self._dry_run) as con:
            self._emit(con)
        self._report_refused()
        return self.outcomes

    def run(self, progress: Progress | None = None) -> Outcomes:
        """Go through all stages.

        A small set goes through the last three in one transaction: two more transactions would cost more than
        the time for which others wait.

        Args:
            progress: Called with the name of each stage before it begins.

        Returns:
            One outcome per job, in their order.
        """
        say = progress or (lambda _: None)
        say("parse")
        datapoints = sum(group.rows.height for group in self.parse().groups)
        if datapoints > MOST_IN_ONE_TURN:
            for stage in (self.match, self.validate, self.emit):
                say(stage.__name__)
                stage()
            return self.outcomes
        with self._store.write(keep=not self._dry_run) as con:
            for name, step in (
                ("match", self._match),
                ("validate", self._validate),
                ("emit", self._emit),
            ):
                say(name)
                step(con)
        self._report_refused()
        return self.outcomes

    def _match(self, con: DuckDBPyConnection) -> Matched:
        with self.timings.step("match"):
            self.matched = match(self.parsed, con)
        return self.matched

    def _validate(self, con: DuckDBPyConnection) -> Judged:
        with self.timings.step("validate"):
            self.judged = validate(self.matched, con)
        return self.judged

    def _emit(self, con: DuckDBPyConnection) -> None:
        self.outcomes = emit(self.judged, Transaction.at(con, self._now, self.timings))

    def _report_refused(self) -> None:
        if not self._dry_run:
            refused = self.outcomes.refused.items()
            report_failures(self._store, [(self.jobs[i], f) for i, f in refused], self.parsed.now)
