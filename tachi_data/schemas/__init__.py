"""The Pandera schemas of the five frames that an import passes through, for imports and for analysts.

import tachi_data as td

schema = td.schemas.scores("iidx", "SP")
schema.validate(frame, lazy=True)                     # raises Pandera's SchemaErrors, with the bad rows
good, failures = td.schemas.split(frame, schema)      # which rows fail, and why

Types, bounds and values come from the declarations of games and import types; columns, units and
sentences from the dictionary of columns.
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
