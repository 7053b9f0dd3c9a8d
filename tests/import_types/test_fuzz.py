"""A few seconds of what ``make fuzz`` does for longer: broken inputs of every type end as they should."""

from __future__ import annotations

from collections import Counter

from tests.conftest import Open
from tests.import_types.fuzzing import Finding, fuzz

INPUTS = 300


def test_broken_inputs_end_well(open_stores: Open) -> None:
    found: list[Finding] = []
    ends = Counter[str]()
    for _, (counts, _, findings) in fuzz(INPUTS, 20, open_stores):
        found += findings
        ends += counts
    assert found == []
    # The changes are neither so small nor so great that all inputs end in one way.
    assert ends["loaded"] > 0
    assert min(ends[end] for end in ("refused", "read", "ScoreImported", "InvalidDatapoint")) > 5
