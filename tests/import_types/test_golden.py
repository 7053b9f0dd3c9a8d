"""What becomes of each sample, from the outcome of each datapoint to the stored scores."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.import_types.samples import SAMPLES, Sample

VOLATILE = {"_id", "importID", "sessionID", "timeAdded", "timeStarted", "timeFinished"}
SHOWN = ("row", "line", "outcome", "message", "score_id", "chart_id", "orphan_id")


def without_volatile(value: Any) -> Any:
    """The document without random IDs and times of the clock."""
    if isinstance(value, dict):
        return {k: without_volatile(v) for k, v in value.items() if k not in VOLATILE}
    return [without_volatile(v) for v in value] if isinstance(value, list) else value


def result_of(sample: Sample, store: td.Store) -> dict[str, Any]:
    outcome = sample.run(store, user_id=1)
    datapoints = outcome.datapoints.select(SHOWN).to_dicts()
    scores = td.export_documents(store, "scores", user_id=1)
    return {
        "datapoints": [{k: v for k, v in d.items() if v is not None} for d in datapoints],
        "document": without_volatile(outcome.document),
        "scores": without_volatile(sorted(scores, key=lambda s: s["scoreID"])),
    }


def text_of(result: dict[str, Any]) -> str:
    """The result as JSON for readers: a line per datapoint, and per member of a document."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    def members(document: dict[str, Any]) -> str:
        return ",\n   ".join(f"{line(key)}: {line(document[key])}" for key in sorted(document))

    datapoints = ",\n  ".join(map(line, result["datapoints"]))
    scores = ",\n  ".join(f"{{\n   {members(score)}\n  }}" for score in result["scores"])
    return (
        f'{{\n "datapoints": [\n  {datapoints}\n ],\n'
        f' "document": {{\n   {members(result["document"])}\n }},\n'
        f' "scores": [\n  {scores}\n ]\n}}\n'
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)
def test_the_sample_gives_what_is_expected(
    sample: Sample, new_store: Open, update_golden: bool
) -> None:
    result = result_of(sample, new_store(sample.catalogue))
    if update_golden:
        sample.expected.write_text(text_of(result))
    assert result == json.loads(sample.expected.read_text())
