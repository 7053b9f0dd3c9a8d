"""The outcomes of imports and of their datapoints, as callers get them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import polars as pl

from tachi_data import schemas
from tachi_data.documents.imports import ImportDocuments
from tachi_data.errors import ImportFatal
from tachi_data.escaping import as_html, visible
from tachi_data.importing.job import ImportJob
from tachi_data.importing.orphans import WAITING, raw_texts
from tachi_data.importing.parse import Datapoints
from tachi_data.store import Timings

# The outcomes of datapoints that need no attention.
DONE = ("ScoreImported", "Skipped")
PUBLIC = ("row", "line", "outcome", "message", "score_id", "chart_id", "song_id", "orphan_id")
MOST_REASONS = 20
# A message without what differs between datapoints.
REASON = pl.col("message").str.replace_all(r'"[^"]*"|-?\d[\d.,]*\d|-?\d', "…")
RAW = {"row": pl.Int64(), "data": pl.String()}


class ImportOutcome:
    """The result of an import.

    Attributes:
        import_id: The ID of the import.
        fatal: The reason why the import as a whole was refused, or None.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> outcome.datapoints.select("row", "outcome", "chart_id").rows()
        [(0, 'ScoreImported', 'paper-lantern-hard'), (1, 'SongOrChartNotFound', None)]
        >>> outcome.document["errors"][0]["type"]
        'SongOrChartNotFound'
        >>> outcome.by_reason.select("datapoints", "example").rows()
        [(1, 'The catalogue has no song "A new song".')]
        >>> outcome
        <ImportOutcome ...: 1 ScoreImported, 1 SongOrChartNotFound>
    """

    def __init__(self, of_set: Outcomes, source: int) -> None:
        self.import_id: str = of_set.jobs[source].import_id
        self.fatal = of_set.refused.get(source)
        self._set, self._source = of_set, source

    @cached_property
    def document(self) -> dict[str, Any]:
        """The ImportDocument, in the original server's JSON shape; empty if the import was refused."""
        return self._set.document(self._source)

    @cached_property
    def datapoints(self) -> pl.DataFrame:
        """One row per datapoint in input order.

        Its columns are ``row`` (from 0), ``line`` (null where the source has no lines), ``outcome, message,
        score_id, chart_id, song_id, orphan_id``.
        """
        return self._set.datapoints_of(self._source)

    @property
    def new_charts(self) -> tuple[str, ...]:
        """The IDs of the charts of this import that entered the catalogue with its set.

        By now enough players have played them; so orphans of earlier players may be tried again.
        """
        if not self._set.new_charts:
            return ()
        played = set(self.datapoints["chart_id"].to_list())
        return tuple(chart for chart in self._set.new_charts if chart in played)

    @property
    def answer(self) -> dict[str, Any]:
        """The ImportDocument with the number of skipped datapoints, and remarks on imported ones if there are any."""
        return self._set.answer(self._source)

    @property
    def failed(self) -> pl.DataFrame:
        """The datapoints that became no score and were not skipped."""
        return self.datapoints.filter(~pl.col("outcome").is_in(DONE))

    @property
    def by_reason(self) -> pl.DataFrame:
        """The failed datapoints by reason: ``outcome, reason, datapoints, example, first_row``, the most first.

        A reason is a message without what differs between datapoints: values, titles and numbers.
        """
        return (
            self.failed.group_by("outcome", reason=REASON, maintain_order=True)
            .agg(
                datapoints=pl.len(),
                example=pl.col("message").first(),
                first_row=pl.col("row").first(),
            )
            .sort("datapoints", descending=True, maintain_order=True)
        )

    def counts(self) -> dict[str, int]:
        """Returns the number of datapoints of each outcome, the most first."""
        return dict(self.datapoints["outcome"].value_counts(sort=True).iter_rows())

    def __repr__(self) -> str:
        """One line: what became of how many datapoints."""
        if self.fatal is not None:
            return f"<ImportOutcome {self.import_id}: refused, {visible(self.fatal.message)[:200]}>"
        told = ", ".join(f"{count:,} {name}" for name, count in self.counts().items())
        return f"<ImportOutcome {self.import_id}: {told or 'no datapoints'}>"

    def _repr_html_(self) -> str:
        """The line, and the reasons why datapoints failed, for notebooks."""
        rows = self.by_reason.head(MOST_REASONS).iter_rows(named=True)
        lines = "".join(
            f"<tr><td style='text-align:right'>{row['datapoints']:,}</td><td>{as_html(row['outcome'])}</td>"
            f"<td style='text-align:left'>{as_html(row['example'])}</td></tr>"
            for row in rows
        )
        table = (
            f"<table><tr><th>datapoints</th><th>outcome</th><th>such as</th></tr>{lines}</table>"
        )
        return f"<p>{as_html(repr(self))}</p>{table if lines else ''}"


class Outcomes(Sequence[ImportOutcome]):
    """The outcomes of a set, one per job. Each is put together when it is asked for.

    Attributes:
        jobs: The jobs.
        datapoints: The outcome of each datapoint of the whole set, in order.
        new_charts: The IDs of charts that entered the catalogue with this set.
        refused: Why imports were refused as a whole, by position of the job.
    """

    def __init__(
        self,
        jobs: Sequence[ImportJob],
        refused: Mapping[int, ImportFatal],
        datapoints: pl.DataFrame,
        documents: tuple[ImportDocuments, Mapping[int, int]],
        new_charts: Sequence[str],
    ) -> None:
        self.jobs, self.datapoints, self.refused = jobs, datapoints, refused
        self.new_charts = new_charts
        self._documents, self._document_of = documents
        ordered = datapoints.sort("source", maintain_order=True)
        counts = ordered.group_by("source", maintain_order=True).len()
        starts = counts["len"].cum_sum() - counts["len"]
        bounds = zip(starts.to_list(), counts["len"].to_list(), strict=True)
        self._bounds = dict(zip(counts["source"].to_list(), bounds, strict=True))
        self._public = ordered.with_columns(row="position").select(PUBLIC)
        if not (wrong := schemas.failures(self._public, schemas.outcomes())).is_empty():
            raise AssertionError(f"An outcome is not what it has to be: {wrong['message'][0]}")

    def __len__(self) -> int:
        return len(self.jobs)

    def __repr__(self) -> str:
        counts = self.datapoints["outcome"].value_counts(sort=True).iter_rows()
        told = ", ".join(f"{count:,} {name}" for name, count in counts)
        return f"<{len(self):,} outcomes, {len(self.refused):,} refused: {told or 'no datapoints'}>"

    @overload
    def __getitem__(self, at: int) -> ImportOutcome: ...

    @overload
    def __getitem__(self, at: slice) -> list[ImportOutcome]: ...

    def __getitem__(self, at: int | slice) -> ImportOutcome | list[ImportOutcome]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return ImportOutcome(self, range(len(self))[at])

    def __iter__(self) -> Iterator[ImportOutcome]:
        return (self[i] for i in range(len(self)))

    def document(self, source: int) -> dict[str, Any]:
        """Returns the document of a job; empty if its import was refused."""
        place = self._document_of.get(source)
        return {} if place is None else self._documents.document(place)

    def answer(self, source: int) -> dict[str, Any]:
        """Returns the document of a job with the counts of its datapoints."""
        place = self._document_of.get(source)
        return {"skipped": 0} if place is None else self._documents.answer(place)

    def datapoints_of(self, source: int) -> pl.DataFrame:
        """Returns the outcomes of a job's datapoints, as `ImportOutcome` has them."""
        return self._public.slice(*self._bounds.get(source, (0, 0)))


def raw_of_failed(datapoints: pl.DataFrame, groups: Sequence[Datapoints]) -> pl.DataFrame:
    """Returns the raw record of each datapoint that failed and becomes no orphan, as JSON text: ``row, data``."""
    failed = datapoints.filter(~pl.col("outcome").is_in([*DONE, *WAITING])).select("row")
    texts = [pl.DataFrame(schema=RAW)]
    for group in groups if failed.height else ():
        mine = failed.join(group.rows.select("row"), on="row", how="semi", maintain_order="left")
        texts.append(mine.with_columns(data=raw_texts(group, mine)))
    return pl.concat(texts)


def with_raw(
    datapoints: pl.DataFrame, kept: Sequence[pl.DataFrame], raw: pl.DataFrame
) -> pl.DataFrame:
    """Adds ``orphan_id`` and ``data``, the raw record of datapoints that failed, as JSON text.

    ``kept`` has ``row, orphan_id, data, outcome`` of the datapoints that are orphans now; ``raw`` is the result of
    `raw_of_failed`.
    """
    told = pl.concat([NO_ORPHANS, *kept, raw], how="diagonal")
    return (
        datapoints.join(told, on="row", how="left", maintain_order="left")
        .with_columns(outcome=pl.coalesce("outcome_right", "outcome"))
        .drop("outcome_right")
    )


NO_ORPHANS = pl.DataFrame(schema={**RAW, "orphan_id": pl.String(), "outcome": pl.String()}).select(
    "row", "orphan_id", "data", "outcome"
)
STEPS = ("session", "pb", "ugs", "goal")


def timings_text(timings: Timings, datapoints: pl.DataFrame) -> str:
    """JSON text of what is stored of timings, in milliseconds.

    ``abs`` has each stage and the steps of the last one, ``rel`` what matching and validating took per
    datapoint that was not skipped (null for none).
    """
    steps = timings.steps
    shown = {name: steps.get(name, 0.0) for name in ("parse", "match", "validate", *STEPS)}
    handled = int((datapoints["outcome"] != "Skipped").sum())
    each = (shown["match"] + shown["validate"]) / handled if handled else None
    return json.dumps({"total": timings.total, "abs": shown, "rel": {"import": each}})
