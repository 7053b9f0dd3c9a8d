"""Records: reading many at once and each alone must agree, and every refusal is a sentence."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tachi_data.errors import ImportFatal
from tachi_data.games import GPT, gpts, names
from tachi_data.import_types.batch_manual import score_of
from tachi_data.records import Fitted, checked, columns, fit, fits, read, violations
from tachi_data.records import records as as_records
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
    "any number": st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False),
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


def singly(records: list[Any]) -> Fitted:
    """Each record read for itself."""
    alone = [fit([record], SCHEMA) for record in records]
    return Fitted(
        [f.structs[0] for f in alone],
        {row: f.violations[0] for row, f in enumerate(alone) if f.violations},
    )


@given(st.lists(st.fixed_dictionaries(GOOD, optional=FITTING), max_size=4))
def test_good_records_fit(records: list[dict[str, Any]]) -> None:
    assert not violations(records, SCHEMA)


@given(RECORDS)
def test_records_are_read_alike_together_and_alone(records: list[dict[str, Any]]) -> None:
    together, alone = fit(records, SCHEMA), singly(records)
    assert together.violations == alone.violations
    made = columns(together.structs, SCHEMA)
    assert_frame_equal(made, columns(alone.structs, SCHEMA))


@given(st.lists(st.fixed_dictionaries(GOOD, optional=FITTING), min_size=1, max_size=4), STRANGE)
def test_a_bad_record_changes_nothing_about_good_ones(
    records: list[dict[str, Any]], value: Any
) -> None:
    good, _ = read(records, SCHEMA)
    among, texts = read([*records, {"score": value, "stray": 1}, value], SCHEMA)
    assert_frame_equal(among.head(len(records)), good)
    assert texts.is_null().to_list() == [*[True] * len(records), False, False]


@given(RECORDS, st.sampled_from([*SCHEMA.members, "stray"]), STRANGE)
def test_the_first_violation_names_a_member_and_shows_its_value(
    records: list[dict[str, Any]], name: str, value: Any
) -> None:
    changed = [*records, {"score": 1, "title": "x", "lamp": "CLEAR", name: value}]
    found = violations(changed, SCHEMA)
    last = found.get(len(records))
    if last is None:
        assert name != "stray"
        assert fits(value, SCHEMA.members[name])
    else:
        assert re.split(r"[.\[]", last.path)[0] == name
        assert str(last).startswith(f"{last.path}: expected ")


SENTENCES = [
    ({"score": "7"}, "score: expected an integer of at least 0 and at most 10, got '7' (str)."),
    ({"score": True}, "score: expected an integer of at least 0 and at most 10, got True (bool)."),
    ({"score": None}, "score: expected an integer of at least 0 and at most 10, got null."),
    ({"score": 1.5}, "score: expected an integer of at least 0 and at most 10, got 1.5 (float)."),
    ({"score": 2**70}, f"score: expected an integer of at least 0 and at most 10, got {2**70} (int)."),
    ({"lamp": "x"}, "lamp: expected one of CLEAR, FAILED, got 'x' (str)."),
    ({"lamp": "\ud800"}, "lamp: expected one of CLEAR, FAILED, got '\\ud800' (str)."),
    ({"level": True}, "level: expected one of ?, 1, 2, got True (bool)."),
    ({"sides": ["L", "X"]}, "sides[1]: expected one of L, R, got 'X' (str)."),
    ({"sides": ["L"]}, "sides: expected an array of 2 values, each one of L, R."),
    ({"judgements": {"great": -1}}, "judgements.great: expected an integer of at least 0, got -1 (int)."),
    ({"judgements": {"x": 1}}, "judgements.x: expected no such key, got 1 (int)."),
    ({"gauge": {"kind": "EASY"}}, "gauge.end: expected a number, but it is missing."),
    ({"meta": {"random": "x"}}, "meta.random: expected one of R-RANDOM, got 'x' (str)."),
    ({"any number": "1"}, "any number: expected a number, got '1' (str)."),
    ({"comment": "😀"}, "comment: expected a string of 3 to 6 characters, got '😀' (str)."),
    ({"time": 5}, "time: expected a number greater than 5, or 0, got 5 (int)."),
    ({"hash": "0A"}, "hash: expected 2 hexadecimal digits in lower case, got '0A' (str)."),
    ({"stray": 1}, "stray: expected no such key, got 1 (int)."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), SENTENCES, ids=lambda value: str(value)[:30])
def test_the_sentence_about(change: dict[str, Any], sentence: str) -> None:
    record = {"score": 1, "title": "x", "lamp": "CLEAR", **change}
    assert str(violations([record], SCHEMA)[0]) == sentence


def test_a_missing_member_and_a_record_that_is_none() -> None:
    found = violations([{"score": 1, "title": None}, 7, None], SCHEMA)
    assert [str(v) for v in found.values()] == [
        "lamp: expected one of CLEAR, FAILED, but it is missing.",
        "The record: expected an object, got 7 (int).",
        "The record: expected an object, got null.",
    ]


def test_a_float_without_fraction_is_an_integer() -> None:
    shape = Object(members={"n": Int(), "level": OneOf((1, 2)), "also": Int(0, also=(-1,))})
    frame, texts = read(
        [{"n": 100.0, "level": 2.0, "also": -1.0}, {"n": 2.0**53, "level": 1}], shape
    )
    assert frame.row(0) == (100, 2, -1)
    assert texts[0] is None
    assert texts[1].startswith("n: expected an integer, got 9007199254740992.0")


def test_a_half_surrogate_pair_is_a_character_that_stands_for_nothing() -> None:
    frame, texts = read([{"title": "a\ud800", "score": 1, "lamp": "CLEAR"}], SCHEMA)
    assert texts[0] is None
    assert frame["raw.title"][0] == "a\ufffd"


def test_a_whole_body_is_refused_at_its_first_violation() -> None:
    with pytest.raises(ImportFatal, match=r"^chart\.n: expected an integer, but it is missing\.$"):
        checked("no object", Object(members={"n": Int()}), "chart")


def test_columns_become_records_again() -> None:
    shape = Object(members={"title": Str(), "score": Object(members={"n": Int()})})
    given = [{"title": "x", "score": {"n": 1}}, {"title": "y", "score": {"n": 2}}]
    frame, _ = read(given, shape)
    assert frame.columns == ["raw.title", "raw.score.n"]
    assert as_records(frame, shape) == given


@pytest.mark.parametrize("gpt", [g for game in names() for g in gpts(game)], ids=lambda g: g.id)
def test_scores_of_every_game_are_a_struct(gpt: GPT) -> None:
    assert score_of(gpt).struct is not None
