"""What callers get: the outcome of each import and of each of its datapoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.frames import collected
from tachi_data.importing.orphans import raw_records
from tachi_data.importing.parse import Datapoints, Reading
from tachi_data.reference.canonical import json_text


@dataclass(frozen=True, eq=False)
class ImportOutcome:
    """What became of an import.

    ``document`` is the ImportDocument, None where ``fatal`` says why the import was refused.
    ``datapoints`` has a row per datapoint in input order: ``row`` (from 0), ``line`` (null where the
    source has no lines), ``outcome, message, score_id, chart_id, song_id, orphan_id``.
    ``new_charts`` are the IDs of charts that entered the catalogue, because with the imports of this
    set enough players have played them: orphans of players before may be tried again.
    """

    import_id: str
    document: dict[str, Any]
    datapoints: pl.DataFrame
    fatal: ImportFatal | None = None
    new_charts: tuple[str, ...] = ()


ANSWER = (
    "row",
    "source",
    "user_id",
    "position",
    "line",
    "outcome",
    "message",
    "score_id",
    "chart_id",
    "song_id",
    "orphan_id",
    "playtype",
    "data",
)


def outcomes_of(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """One row per datapoint of a game with its final outcome."""
    final = scores.lazy().select("row", "score_id", "playtype", "outcome", "message")
    done = pl.col("outcome").is_null()
    was_scored = pl.col("score_id").is_not_null()
    return collected(
        rows.lazy()
        .drop("playtype", strict=False)
        .join(final, on="row", how="left", maintain_order="left", suffix="_final")
        .with_columns(
            outcome=pl.when(done & was_scored)
            .then(pl.col("outcome_final").fill_null("ScoreImported"))
            .otherwise("outcome"),
            message=pl.coalesce("message", "message_final"),
        )
        .select(ANSWER)
    )


def all_of(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The datapoints of several games in one frame, in their order."""
    if frames:
        return pl.concat(frames).sort("row")
    texts = ("outcome", "message", "score_id", "chart_id", "orphan_id", "playtype", "data")
    return pl.DataFrame(schema={c: pl.String if c in texts else pl.Int64 for c in ANSWER})


def with_raw(datapoints: pl.DataFrame, groups: Sequence[Datapoints]) -> pl.DataFrame:
    """Adds the raw record (JSON text) to datapoints that failed and have none yet."""
    lacking = datapoints.filter(
        ~pl.col("outcome").is_in(["ScoreImported", "Skipped"]) & pl.col("data").is_null()
    )
    if lacking.is_empty():
        return datapoints
    parts = []
    for group in groups:
        mine = lacking.join(group.rows.select("row"), on="row", how="semi")
        texts = [json_text(record) for record in raw_records(group, mine)] if mine.height else []
        parts.append(mine.select("row").with_columns(data=pl.Series(texts, dtype=pl.String)))
    return (
        datapoints.join(pl.concat(parts), on="row", how="left", maintain_order="left")
        .with_columns(data=pl.coalesce("data", "data_right"))
        .drop("data_right")
    )


def answers(
    readings: Sequence[Reading],
    datapoints: pl.DataFrame,
    documents: Mapping[int, dict[str, Any]],
    new_charts: Sequence[str],
) -> list[ImportOutcome]:
    """The outcome of each reading. ``documents`` has those of the imports that were not refused."""
    parts = datapoints.partition_by("source", as_dict=True, maintain_order=True)
    given = []
    for index, reading in enumerate(readings):
        if reading.fatal is not None:
            given.append(refused(reading))
            continue
        mine = parts.get((index,), datapoints.head(0))
        played = set(mine["chart_id"].to_list())
        given.append(
            ImportOutcome(
                reading.job.import_id,
                documents[index],
                _public(mine),
                new_charts=tuple(chart for chart in new_charts if chart in played),
            )
        )
    return given


def _public(datapoints: pl.DataFrame) -> pl.DataFrame:
    names = ("line", "outcome", "message", "score_id", "chart_id", "song_id", "orphan_id")
    return datapoints.select(pl.col("position").alias("row"), *names)


def refused(reading: Reading) -> ImportOutcome:
    """The outcome of an import that is refused as a whole."""
    return ImportOutcome(reading.job.import_id, {}, _public(all_of([])), reading.fatal)
