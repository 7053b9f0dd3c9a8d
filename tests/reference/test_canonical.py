"""The fast road to canonical texts gives the same texts as the slow one."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tachi_data.reference.canonical import canonical, canonical_texts

EDGES = [0.0, -0.0, 1e-4, 9.9e-5, 1e16, 1.5e16, 9999999999999998.0, 1e21, -1e-7, 0.05, 5e-324, 66.66666666666667,
         2**53, 2**53 + 1, -(2**53) - 1, 10**25, 100.0, 12.5, sys.float_info.max]  # fmt: skip
NUMBERS = st.sampled_from(EDGES) | st.integers() | st.integers(-(2**70), 2**70) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=[]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(st.lists(VALUES, max_size=5))
@example(EDGES)
@example([[edge] for edge in EDGES])
@example([[1, edge] for edge in EDGES])
@example([{"a": edge, "b": {"c": -edge}} for edge in EDGES])
@example([{"\uffff": 1, "\U00010000": 2}, {"hash": "0e1234567890123456789", "n": 1}])
def test_many_texts_are_the_text_of_each(values: list[Any]) -> None:
    assert canonical_texts(values) == [canonical(value) for value in values]
