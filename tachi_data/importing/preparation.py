"""Before the fourth stage: all of it that can be computed before its transaction, so that the transaction is short.

emit uses what is prepared as far as it still holds, and computes the rest itself. What is prepared never decides
what is stored: an import without it stores the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.importing.effects import Effects, NewScores, effects, new_scores
from tachi_data.importing.match import Matched
from tachi_data.importing.orphans import WAITING, with_orphan_ids
from tachi_data.importing.outcomes import raw_of_failed
from tachi_data.importing.parse import Datapoints
from tachi_data.importing.validate import Judged
from tachi_data.store import Timings

Unmatched = Sequence[tuple[Datapoints, pl.DataFrame]]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is prepared of a set.

    Attributes:
        judged: The set.
        imports: The imports that will be stored.
        unmatched: The result of `unmatched`.
        raw: The result of `tachi_data.importing.outcomes.raw_of_failed`.
        games: The new scores of each game that has some, with their effects.
    """

    judged: Judged
    imports: pl.DataFrame
    unmatched: Unmatched
    raw: pl.DataFrame
    games: Mapping[str, tuple[NewScores, Effects]]


def prepared(judged: Judged, con: DuckDBPyConnection, timings: Timings) -> Prepared:
    """Prepare a judged set.

    Args:
        judged: The set.
        con: A transaction that reads, or what stands for it: see `tachi_data.store.Store.glance`.
        timings: Of the set.
    """
    imports = accepted(judged)
    games = {}
    for game in judged.scores:
        new = new_scores(judged, game, imports.filter(game=game), timings)
        if new.scores.height:
            games[game] = new, effects(new, new.known(game, con), game, judged, timings)
    matched = judged.matched
    if matched.parsed.is_retry:
        return Prepared(judged, imports, (), raw_of_failed(judged.datapoints.head(0), ()), games)
    raw = raw_of_failed(judged.datapoints, matched.parsed.groups)
    return Prepared(judged, imports, unmatched(matched), raw, games)


def accepted(judged: Judged) -> pl.DataFrame:
    """One row per import that is stored. A retry of orphans is stored only where it brought scores."""
    matched = judged.matched
    imports = matched.parsed.imports.with_columns(time_started=pl.lit(matched.parsed.now))
    if matched.parsed.is_retry:
        new = judged.datapoints.filter(outcome="ScoreImported")
        return imports.join(new, on="source", how="semi", maintain_order="left")
    return imports.filter(~pl.col("source").is_in(list(matched.refused)))


def unmatched(matched: Matched) -> Unmatched:
    """The datapoints that become orphans, with their orphan IDs; and what they were made of."""
    return [
        (group, with_orphan_ids(rows, group))
        for group, frame in zip(matched.parsed.groups, matched.frames, strict=True)
        if (rows := frame.filter(pl.col("outcome").is_in(WAITING))).height
    ]
