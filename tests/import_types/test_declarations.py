"""What an import type declares: wrong tables are found when it is loaded, wrong records when it is read."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from tachi_data import matching
from tachi_data.errors import ImportFatal
from tachi_data.games import gpt, iidx, sdvx
from tachi_data.import_types import Conversion, ImportType, Parsed, Source, declarations
from tachi_data.import_types import words as x
from tachi_data.importing.match import look_up_columns
from tachi_data.importing.parse import bound_playtype
from tachi_data.records.schema import Int, Object, Str

RECORD = Object(members={"title": Str(), "score": Int()})
CONVERSION = Conversion(
    record=RECORD,
    match=x.by_title(x.raw("title"), difficulty=x.text("EXH")),
    columns={"score": x.raw("score")},
)


def foo(**changes: Any) -> ImportType:
    """A format of three-line inputs: ``data`` are its records."""
    return ImportType(
        id="file/foo",
        title="Foo",
        games=("sdvx",),
        parse=lambda source: Parsed(game="sdvx", datapoints=source.data),
        conversion=replace(CONVERSION, **changes),
    )


GOOD: dict[str, Any] = {"title": "A", "score": 1}
MIXED = [GOOD, 7, {"title": "B", "score": "1"}]


def test_each_record_is_checked_by_default() -> None:
    _, fitted = foo().read(Source(MIXED))
    assert fitted is not None
    assert fitted.texts().to_list() == [
        None,
        "The record: expected an object, got 7 (int).",
        "score: expected an integer, got '1' (str).",
    ]


def test_a_format_can_refuse_the_whole_source() -> None:
    with pytest.raises(ImportFatal, match=r"^plays\[1\]: expected an object, got 7 \(int\)\.$"):
        foo(refuses="all", path="plays").read(Source(MIXED))
    with pytest.raises(ImportFatal, match=r"^score: expected an integer, but it is missing\.$"):
        foo(refuses="all").read(Source([{"title": "A"}]))


def test_a_lamp_that_the_game_does_not_have() -> None:
    with pytest.raises(ValueError, match=r"'HARD' is no lamp of sdvx:Single; there are: FAILED, "):
        x.metric(sdvx.SINGLE, "lamp", x.raw("lamp"), {"h": "HARD"})


def test_a_difficulty_that_the_game_does_not_have() -> None:
    with pytest.raises(ValueError, match="'NOV' is no difficulty of iidx:SP; there are: "):
        x.difficulty(iidx.SP, x.raw("chart"), {0: "NOV"})


def test_an_alias_of_a_difficulty_is_one() -> None:
    fourth = x.difficulty(sdvx.SINGLE, pl.Series([3, 9]), {3: "ANY_INF"})
    assert pl.select(fourth).to_series().to_list() == ["ANY_INF", None]


def test_a_metric_without_names() -> None:
    with pytest.raises(ValueError, match="sdvx:Single has no metric 'score' with names"):
        x.metric(sdvx.SINGLE, "score", x.raw("score"), {0: "NOV"})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"columns": {"sore": x.raw("score")}}, "'sore' is no column of a score of sdvx:Single"),
        ({"columns": {"score": x.raw("sore")}}, "'raw.sore' is no column of the record"),
        ({"columns": {"service": x.context("by")}}, "'context.by' is no column of the context"),
        ({"absent": frozenset({"bp"})}, "'bp' is no judgement or optional metric of sdvx:Single"),
        ({"match": {"titel": x.raw("title")}}, "'titel' is no column of a look-up"),
    ],
)
def test_a_name_that_there_is_not(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^file/foo: {problem}"):
        declarations.check(foo(**change))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "files/foo"}, "its ID must start with one of file/, api/, ir/"),
        ({"games": ("sdvx", "chess")}, "its games are sdvx, chess"),
        ({"id": "api/foo"}, "a type of api/ needs a service"),
        ({"id": "ir/foo"}, "a type of ir/ needs the route"),
        ({"options": ("a", "a")}, "one of its options is there twice"),
    ],
)
def test_an_import_type_that_cannot_be(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        declarations.check(replace(foo(), **change))


def test_a_look_up_may_state_what_matching_knows() -> None:
    assert tuple(matching.KEYS) == declarations.LOOK_UP


def asked(conversion: Conversion, playtype: str | None) -> list[str | None]:
    rows = pl.DataFrame({"raw.title": ["A"]})
    return rows.select(*look_up_columns(conversion, playtype))["playtype"].to_list()


def test_the_playtype_of_the_source_binds_the_look_up() -> None:
    assert bound_playtype(foo(), sdvx.SINGLE, None) == "Single"
    assert asked(CONVERSION, "Single") == ["Single"]


def test_a_look_up_may_fit_any_playtype() -> None:
    match = x.by_title(x.raw("title"), difficulty=x.text("EXH"), playtype=x.ANY_PLAYTYPE)
    kind = foo(match=match)
    assert bound_playtype(kind, iidx.SP, None) is None
    assert asked(kind.conversion_of(sdvx.SINGLE), None) == [None]


def test_several_playtypes_and_none_named_is_our_mistake() -> None:
    kind = replace(foo(columns={}), games=("iidx",))
    with pytest.raises(ValueError, match=r"file/foo: neither Parsed\.playtype nor the match"):
        bound_playtype(kind, gpt("iidx", "DP"), None)
    assert bound_playtype(kind, gpt("iidx", "DP"), "DP") == "DP"
