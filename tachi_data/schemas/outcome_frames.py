"""The schema of outcomes: what became of each datapoint."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandera.polars as pa
import polars as pl

from tachi_data.schemas.checking import frame_schema
from tachi_data.schemas.rules import Rule, missing, one_of
from tachi_data.tables.columns import column

OUTCOMES = (
    "ScoreImported",
    "Skipped",
    "SongOrChartNotFound",
    "OrphanExists",
    "InvalidDatapoint",
    "AmbiguousTitle",
    "InternalError",
)
PUBLIC = ("row", "line", "outcome", "message", "score_id", "chart_id", "song_id", "orphan_id")
INSIDE = ("source", "user_id", "position", "playtype", "data")


@cache
def outcomes() -> pa.DataFrameSchema:
    """Returns the schema of ``ImportOutcome.datapoints``: one row is what became of a datapoint.

    >>> schema = outcomes()
    >>> list(schema.columns)[-8:]
    ['row', 'line', 'outcome', 'message', 'score_id', 'chart_id', 'song_id', 'orphan_id']
    """
    inside = [column("data", "problems") if n == "data" else column(n) for n in INSIDE]
    return frame_schema("outcomes", (column(n) for n in PUBLIC), inside, _told())


def _told() -> Iterator[Rule]:
    """Every datapoint has one outcome, and a reason unless it became a score."""
    outcome = pl.col("outcome")
    yield missing("outcome", "outcome")
    yield one_of("outcome", "outcome", OUTCOMES)
    yield Rule(
        (outcome == "ScoreImported") & pl.col("score_id").is_null(),
        pl.lit("score_id: is missing, although the score was imported"),
    )
    yield Rule(
        (outcome != "ScoreImported") & pl.col("message").is_null(),
        pl.lit("message: is missing, although no score was imported"),
    )
