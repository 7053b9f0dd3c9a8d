"""The road, walked step by step.

imports = ImportSet(store, jobs)
imports.parse()     # sources become datapoints
imports.match()     # datapoints become dry scores, and find their charts
imports.validate()  # dry scores become complete scores, or are refused
imports.emit()      # scores are stored with all that follows from them; ImportDocuments
"""

from __future__ import annotations

from collections.abc import Sequence

from tachi_data.importing.emit import emit
from tachi_data.importing.failures import report_refused
from tachi_data.importing.fetch import fetch
from tachi_data.importing.job import ImportJob
from tachi_data.importing.match import Matched, match
from tachi_data.importing.outcomes import Outcomes
from tachi_data.importing.parse import Parsed, parse
from tachi_data.importing.validate import Judged, validate
from tachi_data.store import Store, Timings, Transaction


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
        """Read and parse the sources; those that another service has are fetched before."""
        with self.timings.step("parse"):
            jobs, refused = fetch(self._store, self.jobs)
            self.parsed = parse(jobs, now=self._now, refused=refused)
        return self.parsed

    def match(self) -> Matched:
        """Make dry scores of the datapoints, and find their charts."""
        with self.timings.step("match"), self._store.read() as con:
            self.matched = match(self.parsed, con)
        return self.matched

    def validate(self) -> Judged:
        """Complete the dry scores, and refuse those that cannot be."""
        with self.timings.step("validate"), self._store.read() as con:
            self.judged = validate(self.matched, con)
        return self.judged

    def emit(self) -> Outcomes:
        """Store the scores with all that follows from them."""
        with self._store.write(keep=not self._dry_run) as con:
            self.outcomes = emit(self.judged, Transaction.at(con, self._now, self.timings))
        if not self._dry_run:
            report_refused(self._store, self.parsed, self.outcomes)
        return self.outcomes

    def run(self) -> Outcomes:
        """Go through all stages, and return the outcome of each job."""
        self.parse()
        self.match()
        self.validate()
        return self.emit()
