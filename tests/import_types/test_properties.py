"""What holds for every import type, whatever a source contains.

An example is a set of sources, imported together, each for a player of its own: that is quick, and
tries at the same time that imports of a set do not get into each other's way.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tachi_data as td
from tachi_data.import_types.model import Outcome
from tests.conftest import Open
from tests.import_types.mutations import mutated, shuffled
from tests.import_types.samples import NOW, PLAYERS, SAMPLES, Sample

OUTCOMES = {"ScoreImported", "OrphanExists", *get_args(Outcome)}

EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)


@pytest.fixture(scope="module")
def stores(open_stores: Open) -> dict[str, td.Store]:
    return {sample.import_type: open_stores(sample.catalogue) for sample in SAMPLES}


class Players:
    """Players who each import one source, and what is stored of them."""

    def __init__(self, sample: Sample, store: td.Store, sources: Sequence[Any]) -> None:
        self.sample, self.store, self.sources = sample, store, sources
        self.ids = list(itertools.islice(PLAYERS, len(sources)))

    def run(self) -> list[td.ImportOutcome]:
        jobs = [
            td.ImportJob(self.sample.import_type, source, player, options=self.sample.options)
            for source, player in zip(self.sources, self.ids, strict=True)
        ]
        return td.import_many(self.store, jobs, now=NOW)

    def stored(self, kind: str) -> list[list[dict[str, Any]]]:
        return [td.export_documents(self.store, kind, user_id=player) for player in self.ids]


def check(sample: Sample, store: td.Store, sources: Sequence[Any], seed: int) -> None:
    players = Players(sample, store, sources)
    first = players.run()
    scores, orphans = players.stored("scores"), players.stored("orphans")
    for result, mine, kept in zip(first, scores, orphans, strict=True):
        check_one_outcome_each(result, mine, kept)

    again = players.run()
    assert players.stored("scores") == scores
    assert players.stored("orphans") == orphans
    for result, before in zip(again, first, strict=True):
        check_nothing_new(result, before)

    others = Players(sample, store, [shuffled(sample, source, seed) for source in sources])
    reordered = others.run()
    assert [bool(r.fatal) for r in reordered] == [bool(r.fatal) for r in first]
    assert [what(s) for s in others.stored("scores")] == [what(s) for s in scores]


def check_one_outcome_each(
    result: td.ImportOutcome, scores: list[dict[str, Any]], orphans: list[dict[str, Any]]
) -> None:
    """Every datapoint has one outcome, and the store holds what the outcomes say."""
    datapoints = result.datapoints
    assert datapoints["row"].to_list() == list(range(datapoints.height))
    assert set(datapoints["outcome"].to_list()) <= OUTCOMES
    if result.fatal:
        assert result.fatal.message
        assert not datapoints.height
    rows = datapoints.to_dicts()
    imported = [r["score_id"] for r in rows if r["outcome"] == "ScoreImported"]
    unmatched = [r["orphan_id"] for r in rows if r["outcome"] == "SongOrChartNotFound"]
    assert Counter(imported) == Counter(score["scoreID"] for score in scores)
    assert Counter(unmatched) == Counter(orphan["orphanID"] for orphan in orphans)
    assert Counter(imported) == Counter(result.document.get("scoreIDs", []))


def check_nothing_new(again: td.ImportOutcome, first: td.ImportOutcome) -> None:
    assert str(again.fatal) == str(first.fatal)
    outcomes = again.datapoints["outcome"]
    assert not set(outcomes.to_list()) & {"ScoreImported", "SongOrChartNotFound"}


def what(scores: Iterable[dict[str, Any]]) -> list[str]:
    """What makes the scores the same for different players: all that their IDs are made of."""
    return sorted(f"{s['chartID']} {sorted(_members(s['scoreData']))}" for s in scores)


def _members(score_data: dict[str, Any]) -> Iterable[str]:
    return (f"{k}={v}" for k, v in score_data.items() if isinstance(v, (str, int, float)))


@EVERY_SAMPLE
def test_samples_keep_the_promises(sample: Sample, stores: dict[str, td.Store]) -> None:
    check(sample, stores[sample.import_type], [sample.source, sample.source], seed=1)


@pytest.mark.slow
@EVERY_SAMPLE
@settings(max_examples=max(1, settings.default.max_examples // 5))
@given(data=st.data(), seed=st.integers(0, 1000))
def test_changed_samples_keep_the_promises(
    sample: Sample, stores: dict[str, td.Store], data: st.DataObject, seed: int
) -> None:
    """One outcome for every datapoint; twice is once; the order of records does not matter."""
    sources = data.draw(st.lists(mutated(sample), min_size=1, max_size=3))
    check(sample, stores[sample.import_type], sources, seed)
