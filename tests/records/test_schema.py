"""Schemas: the quick way through msgspec and the slow one that explains must agree on every record."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import GPT, gpts, names
from tachi_data.import_types import columns
from tachi_data.import_types.batch_manual import score_of
from tachi_data.records.schema import (
    Anything,
    Bool,
    Hex,
    Int,
    ListOf,
    Num,
    Object,
    OneOf,
    Str,
)
from tachi_data.records.violations import Records, violations

MAYBE: dict[str, Any] = {"optional": True, "nullable": True}
PART = Object(
    strict=True, keep_nulls=True, members={"great": Int(0, **MAYBE), "rate": Num(0, 1.5, **MAYBE)}
)
SCHEMA = Object(
    strict=True,
    members={
        "score": Int(0, 10),
        "time": Num(5, above=True, also=(0,), **MAYBE),
        "any number": Num(optional=True),
        "comment": Str(3, 6, empty=True, **MAYBE),
        "title": Str(nullable=True),
        "hash": Hex(2, optional=True),
        "is_new": Bool(**MAYBE),
        "lamp": OneOf(("CLEAR", "FAILED")),
        "level": OneOf(("?", 1, 2), **MAYBE),
        "graph": ListOf(Num(0, 1, nullable=True), **MAYBE),
        "sides": ListOf(OneOf(("L", "R")), size=2, optional=True),
        "judgements": Object(
            strict=True, keep_nulls=True, members=PART.members, fallback="hits", **MAYBE
        ),
        "hits": Object(strict=True, members=PART.members, flat=False, **MAYBE),
        "meta": Object(strict=True, as_json=True, members={"random": OneOf(("R-RANDOM",), **MAYBE)}, **MAYBE),
        "gauge": Object(
            keep_nulls=True, members={"end": Num(nullable=True), "kind": Str(), **PART.members}, **MAYBE
        ),
        "ghost": Anything(as_json=True),
    },
)  # fmt: skip
PARTS = st.fixed_dictionaries(
    {}, optional={"great": st.sampled_from([None, 0, 7, 2.0]), "rate": st.sampled_from([None, 1, 0.5])}
)  # fmt: skip
GOOD = {
    "score": st.integers(0, 10),
    "lamp": st.sampled_from(["CLEAR", "FAILED"]),
    "title": st.none() | st.text(st.characters(exclude_categories=[])),
}
FITTING = {
    "time": st.sampled_from([None, 0, 5.5, 6]),
    "any number": st.integers(-(2**70), 2**70) | st.floats(allow_nan=False),
    "comment": st.sampled_from([None, "", "abc", "😀😀😀", "a😀", "abc\n"]),
    "hash": st.just("0a"),
    "is_new": st.sampled_from([None, True]),
    "level": st.sampled_from([None, "?", 1]),
    "graph": st.none() | st.lists(st.sampled_from([None, 0, 0.5, 1])),
    "sides": st.lists(st.sampled_from(["L", "R"]), min_size=2, max_size=2),
    "judgements": st.none() | PARTS,
    "hits": st.none() | PARTS,
    "meta": st.sampled_from([None, {}, {"random": None}, {"random": "R-RANDOM"}]),
    "gauge": st.sampled_from([None, {"end": None, "kind": "EASY"}, {"end": 1.5, "kind": "", "great": None}]),
    "ghost": st.sampled_from([None, 1, [1, {"a": None}]]),
}  # fmt: skip
OTHERS = {
    **FITTING,
    "time": st.sampled_from([None, 0, 5, 5.5, 6]),
    "any number": st.integers() | st.floats(),
    "comment": st.sampled_from([None, "", "ab", "abc", "😀😀😀😀", "a😀", "abc\n"]),
    "hash": st.sampled_from(["0a", "0A", "0a\n"]),
    "is_new": st.sampled_from([None, True, 1]),
    "level": st.sampled_from([None, "?", 1, 1.0, True]),
    "sides": st.lists(st.sampled_from(["L", "R"]), min_size=1, max_size=3),
}
RECORDS = st.lists(st.fixed_dictionaries(GOOD, optional=OTHERS), max_size=4)
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from([[], {}, "half a pair \ud800"]),
)


class Explained(Records):
    """Records that are always looked at one by one."""

    def fit(self, schema: Object) -> bool:
        return False


def texts(found: dict[int, Any]) -> dict[int, str]:
    return {row: str(violation) for row, violation in found.items()}


@given(st.lists(st.fixed_dictionaries(GOOD, optional=FITTING), max_size=4))
def test_good_records_are_taken_apart_alike(records: list[dict[str, Any]]) -> None:
    quick, slow = Records(records), Explained(records)
    assert not violations(quick, SCHEMA)
    assert not violations(slow, SCHEMA)
    # In which order nulls are listed does not matter.
    in_order = pl.col("nulls.judgements", "nulls.gauge").list.sort()
    made = columns(quick, SCHEMA).with_columns(in_order)
    explained = columns(slow, SCHEMA).with_columns(in_order)
    assert made.schema == explained.schema
    assert made.equals(explained, null_equal=True)


@given(RECORDS, st.sampled_from([*SCHEMA.members, "stray"]), STRANGE)
def test_bad_records_are_never_taken_for_good(
    records: list[dict[str, Any]], name: str, value: Any
) -> None:
    changed = [*records, {"score": 1, "title": "x", "lamp": "CLEAR", name: value}]
    quick = texts(violations(Records(changed), SCHEMA))
    assert quick == texts(violations(Explained(changed), SCHEMA))


def test_an_ordinary_record_takes_the_quick_way() -> None:
    record = {
        "score": 1,
        "title": "x",
        "lamp": "CLEAR",
        "comment": "",
        "judgements": {"great": None},
    }
    assert Records([record]).fit(SCHEMA)


@pytest.mark.parametrize("gpt", [g for game in names() for g in gpts(game)], ids=lambda g: g.id)
def test_scores_of_every_game_can_take_the_quick_way(gpt: GPT) -> None:
    assert score_of(gpt).struct is not None
