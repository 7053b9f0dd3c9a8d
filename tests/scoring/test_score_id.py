"""Score IDs: the canonical text, and its hash."""

import hashlib
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import gpt
from tachi_data.names import snake
from tachi_data.reference.canonical import canonical, canonical_texts, hashed, number
from tachi_data.reference.numbers import es_number
from tachi_data.scoring.score_id import json_text, score_id_texts

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def text_of(game: str, members: dict[str, Any]) -> str:
    name, _, playtype = game.partition(":")
    value = gpt(name, playtype)
    dtypes = {n: m.dtype for n, m in value.provided.items()}
    dtypes |= {f"optional.{n}": m.dtype for n, m in value.optional.items()}
    columns = {"userID": "user_id", "chartID": "chart_id"}
    scores = pl.DataFrame(
        {
            columns.get(n, ".".join(map(snake, n.split(".")))): pl.Series([v], dtype=dtypes.get(n))
            for n, v in members.items()
        }
    )
    return str(score_id_texts(scores, value)[0])


@pytest.mark.parametrize(
    ("game", "members"),
    [
        ("iidx:SP", {"chartID": "c231", "lamp": "CLEAR", "score": 786, "userID": 1}),
        ("sdvx:Single", {"chartID": "8f1d", "lamp": "CLEAR", "optional.exScore": None, "score": 9}),
        ("sdvx:Single", {"chartID": "8f1d", "lamp": "CLEAR", "optional.exScore": 4321, "score": 9}),
        (
            "ongeki:Single",
            {
                "bellLamp": "FULL BELL",
                "chartID": "abc123",
                "noteLamp": "ALL BREAK",
                "optional.bellCount": 187,
                "optional.damage": None,
                "platinumScore": 2473,
                "score": 1008765,
            },
        ),
        ("gitadora:Gita", {"chartID": "feed", "lamp": "FAILED", "percent": 0.0}),
        ("maimaidx:Single", {"chartID": "beef", "lamp": "CLEAR", "percent": 100.1234}),
        ("museca:Single", {"chartID": '譜面-ü"\\\n\u0001😀', "lamp": "CLEAR", "score": 1000000}),
    ],
)
def test_texts_are_canonical_json(game: str, members: dict[str, Any]) -> None:
    members = members | {"userID": 15}
    assert text_of(game, members) == canonical(members)


def test_whole_decimals_have_no_point() -> None:
    members = {"chartID": "11", "lamp": "QUAD", "scorePercent": 100.0, "survivedPercent": 1e-7}
    wanted = '{"chartID":"11","lamp":"QUAD","scorePercent":100,"survivedPercent":1e-7,"userID":9}'
    assert text_of("itg:Stamina", members | {"userID": 9}) == wanted


@given(st.lists(st.floats(), min_size=1))
def test_numbers_are_written_as_ecmascript_writes_them(values: list[float]) -> None:
    numbers = pl.DataFrame({"n": pl.Series(values, dtype=pl.Float64)})
    texts = numbers.select(es_number(pl.col("n"), pl.Float64())).to_series().to_list()
    assert texts == [number(value) for value in values]


@given(st.lists(st.decimals(0, 101, places=4).map(float), min_size=1))
def test_percentages_are_written_as_ecmascript_writes_them(values: list[float]) -> None:
    numbers = pl.DataFrame({"n": values})
    texts = numbers.select(es_number(pl.col("n"), pl.Float64())).to_series().to_list()
    assert texts == [number(value) for value in values]


@given(st.lists(TEXT | st.text('"\\/\x00\x07\n\x7f\u2028é')))
def test_texts_are_escaped_as_little_as_json_allows(values: list[str]) -> None:
    texts = pl.DataFrame({"t": values}, schema={"t": pl.String})
    written = texts.select(json_text(pl.col("t"), pl.String())).to_series().to_list()
    assert written == [json.dumps(value, ensure_ascii=False) for value in values]


@given(st.lists(TEXT))
def test_hashes(values: list[str]) -> None:
    found = hashed("T", pl.Series("text", values, dtype=pl.String))
    assert found.dtype == pl.String
    assert found.to_list() == ["T" + hashlib.sha256(v.encode()).hexdigest() for v in values]


def test_a_worked_example() -> None:
    text = text_of(
        "iidx:SP",
        {
            "chartID": "c2311194e3897ddb5745b1760d2c0141f933e683",
            "lamp": "CLEAR",
            "score": 786,
            "userID": 1,
        },
    )
    wanted = "T5d669c4d5d6ca80761e87698acd77c51d2bed95b64ab76e65952dbca7c26bc81"
    assert hashed("T", pl.Series([text])).to_list() == [wanted]


ANY_TEXT = st.text(st.characters(exclude_categories=[]))
NUMBERS = st.floats() | st.integers() | st.sampled_from([100.0, -0.0, 1e21, 1e-7, 1e16, 2**53 + 1])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=6))
def test_many_texts_are_as_one_by_one(values: list[Any]) -> None:
    assert canonical_texts(values) == [canonical(value) for value in values]


def test_keys_beyond_the_first_plane_sort_by_code_unit() -> None:
    (text,) = canonical_texts([{"\ue000": 1, "\U0001d11e": 2}])
    assert text == '{"\U0001d11e":2,"\ue000":1}'
