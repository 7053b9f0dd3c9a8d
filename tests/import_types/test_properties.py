"""What holds for every import type, whatever a source contains."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tachi_data as td
from tachi_data.import_types._model import Outcome
from tests.import_types.conftest import Open
from tests.import_types.mutations import mutated, shuffled
from tests.import_types.samples import SAMPLES, Sample

OUTCOMES = {"ScoreImported", "OrphanExists", *get_args(Outcome)}
USERS = itertools.count(1000)  # Every example has a player of its own: one store does for all.

EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)


@pytest.fixture(scope="module")
def stores(open_stores: Open) -> dict[str, td.Store]:
    return {sample.import_type: open_stores(sample.catalogue) for sample in SAMPLES}


def attempt(
    sample: Sample, store: td.Store, source: Any, user_id: int
) -> td.ImportOutcome | td.ImportFatal:
    """The outcome, or the one exception that a source may cause."""
    try:
        return sample.run(store, source, user_id=user_id)
    except td.ImportFatal as fatal:
        assert fatal.message
        return fatal


def stored(store: td.Store, kind: str, user_id: int) -> list[dict[str, Any]]:
    return td.export_documents(store, kind, user_id=user_id)


@EVERY_SAMPLE
@given(data=st.data())
def test_every_datapoint_ends_in_one_outcome(
    sample: Sample, stores: dict[str, td.Store], data: st.DataObject
) -> None:
    store, user_id = stores[sample.import_type], next(USERS)
    outcome = attempt(sample, store, data.draw(mutated(sample)), user_id)
    scores, orphans = stored(store, "scores", user_id), stored(store, "orphans", user_id)
    if isinstance(outcome, td.ImportFatal):
        assert not scores
        assert not orphans
        return
    datapoints = outcome.datapoints
    assert datapoints["row"].to_list() == list(range(datapoints.height))
    assert set(datapoints["outcome"].to_list()) <= OUTCOMES
    by_outcome = datapoints.partition_by("outcome", as_dict=True)
    imported, unmatched = (
        by_outcome.get((name,), datapoints.head(0))
        for name in ("ScoreImported", "SongOrChartNotFound")
    )
    assert sorted(imported["score_id"].to_list()) == sorted(s["scoreID"] for s in scores)
    assert sorted(unmatched["orphan_id"].to_list()) == sorted(o["orphanID"] for o in orphans)
    assert sorted(outcome.document["scoreIDs"]) == sorted(s["scoreID"] for s in scores)


@EVERY_SAMPLE
@given(data=st.data())
def test_importing_twice_is_importing_once(
    sample: Sample, stores: dict[str, td.Store], data: st.DataObject
) -> None:
    store, user_id = stores[sample.import_type], next(USERS)
    source = data.draw(mutated(sample))
    first = attempt(sample, store, source, user_id)
    before = {k: stored(store, k, user_id) for k in ("scores", "orphans", "pbs", "gameStats")}
    second = attempt(sample, store, source, user_id)
    after = {k: stored(store, k, user_id) for k in before}
    assert after == before
    if isinstance(first, td.ImportFatal):
        assert isinstance(second, td.ImportFatal)
        assert second.message == first.message
    else:
        assert isinstance(second, td.ImportOutcome)
        repeated = set(second.datapoints["outcome"].to_list())
        assert not repeated & {"ScoreImported", "SongOrChartNotFound"}


@EVERY_SAMPLE
@given(data=st.data(), seed=st.integers(0, 1000))
def test_the_order_of_records_does_not_matter(
    sample: Sample, stores: dict[str, td.Store], data: st.DataObject, seed: int
) -> None:
    store = stores[sample.import_type]
    source = data.draw(mutated(sample))
    results = []
    for variant in (source, shuffled(sample, source, seed)):
        user_id = next(USERS)
        outcome = attempt(sample, store, variant, user_id)
        charts = sorted(
            (s["chartID"], str(s["scoreData"]["score"]) if "score" in s["scoreData"] else "")
            for s in stored(store, "scores", user_id)
        )
        results.append((isinstance(outcome, td.ImportFatal), charts))
    assert results[0] == results[1]
