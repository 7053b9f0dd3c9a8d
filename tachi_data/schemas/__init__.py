"""The Pandera schemas of the five frames that an import passes through, for imports and for analysts.

Each function returns a `pandera.polars.DataFrameSchema`. Types, bounds and values come from the declarations of
games and import types; columns, units and sentences from the dictionary of columns.

>>> import polars as pl
>>> import tachi_data as td
>>> plays = pl.DataFrame({"score": [900_000, -1], "lamp": ["CLEAR", "FAILED"]})
>>> good, failures = td.schemas.split(plays, td.schemas.scores("wacca", "Single"))
>>> failures.rows()
[(1, 'score: must be at least 0, got -1')]
"""

from __future__ import annotations

from tachi_data.schemas.checking import UnfitFrame, failures, split
from tachi_data.schemas.datapoint_frames import datapoints
from tachi_data.schemas.outcome_frames import outcomes
from tachi_data.schemas.score_frames import dry_scores, matched, scores

__all__ = [
    "UnfitFrame",
    "datapoints",
    "dry_scores",
    "failures",
    "matched",
    "outcomes",
    "scores",
    "split",
]
