"""What the golden sample of BATCH-MANUAL does not show."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tachi_data as td
from tests.import_types.changing import Trial
from tests.import_types.conftest import Open
from tests.import_types.samples import Sample

JSON = "file/batch-manual"
SONG = {
    "artist": "The Testers",
    "altTitles": [],
    "searchTerms": [],
    "data": {"displayVersion": "exceed"},
}


def document(**score: Any) -> bytes:
    """A document with one score: a good one, with these members; ... leaves one out."""
    good = {
        "matchType": "songTitle",
        "identifier": "Night Bus",
        "difficulty": "ADV",
        "score": 9_000_000,
        "lamp": "CLEAR",
    }
    members = {k: v for k, v in (good | score).items() if v is not ...}
    meta = {"service": "Test", "game": "sdvx", "playtype": "Single"}
    return json.dumps({"meta": meta, "scores": [members]}).encode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1_690_000_000_000, 1_690_000_000_000),
        (1_690_000_000_000.9, 1_690_000_000_000),
        (0, None),
        (None, None),
        (..., None),
    ],
)
def test_times_are_unix_milliseconds(open_stores: Open, given: Any, expected: int | None) -> None:
    trial = Trial(open_stores, JSON)
    assert trial.run(source=document(timeAchieved=given)) == [("ScoreImported", "bus-adv")]
    assert trial.score("bus-adv")["timeAchieved"] == expected


@pytest.mark.parametrize("given", [1_690_000_000, -1, "2023-07-22", True, []])
def test_other_times_are_refused(open_stores: Open, given: Any) -> None:
    with pytest.raises(td.ImportFatal, match="timeAchieved"):
        Trial(open_stores, JSON).run(source=document(timeAchieved=given))


def test_a_time_in_the_future_is_invalid(open_stores: Open) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(timeAchieved=1_900_000_000_000))
    assert outcomes == [("InvalidDatapoint", "bus-adv")]


def test_an_empty_comment_is_none(open_stores: Open) -> None:
    trial = Trial(open_stores, JSON)
    trial.run(source=document(comment=""))
    assert trial.score("bus-adv")["comment"] is None


@pytest.mark.parametrize("member", ["judgements", "optional", "scoreMeta"])
def test_an_array_is_no_object(open_stores: Open, member: str) -> None:
    with pytest.raises(td.ImportFatal, match=member):
        Trial(open_stores, JSON).run(source=document(**{member: []}))


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_built_in_names_are_names_like_others(open_stores: Open, name: str) -> None:
    trial = Trial(open_stores, JSON)
    for source in (
        document(**{name: 1}),
        document(judgements={name: 1}),
        document(lamp=name),
        document().replace(b'"sdvx"', f'"{name}"'.encode()),
        document().replace(b'"Single"', f'"{name}"'.encode()),
        document().replace(b'{"meta"', f'{{"{name}": 1, "meta"'.encode()),
    ):
        with pytest.raises(td.ImportFatal):
            trial.run(source=source)
    assert trial.run(source=document(difficulty=name)) == [("InvalidDatapoint", None)]


@pytest.mark.parametrize(
    "title", ["Night\x00Bus", "\x00", "x" * 100_000, "[", "(.*)", "Night Bus\\E"]
)
def test_an_odd_title_is_simply_unknown(open_stores: Open, title: str) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(identifier=title))
    assert outcomes == [("SongOrChartNotFound", None)]


def test_an_unpaired_surrogate_is_simply_unknown(open_stores: Open) -> None:
    outcomes = Trial(open_stores, JSON).run(source=document(identifier="\ud800"))
    assert outcomes == [("SongOrChartNotFound", None)]


def test_of_titles_equal_in_any_case_the_exact_one_wins(open_stores: Open) -> None:
    upper = SONG | {"id": 3, "title": "NIGHT BUS"}
    trial = Trial(
        open_stores, JSON, catalogue={"songs-sdvx": [*Sample(JSON).catalogue["songs-sdvx"], upper]}
    )
    assert trial.run(source=document()) == [("ScoreImported", "bus-adv")]
    outcomes = trial.run(source=document(identifier="night bus"))
    assert [outcome for outcome, _ in outcomes] == ["AmbiguousTitle"]
    assert not trial.documents("orphans")


def test_the_highest_of_several_infinite_difficulties_is_meant(open_stores: Open) -> None:
    charts = Sample(JSON).catalogue["charts-sdvx"]
    (inf,) = (chart for chart in charts if chart["difficulty"] == "INF")
    vvd = inf | {"chartID": "bus-vvd", "difficulty": "VVD"}
    trial = Trial(open_stores, JSON, catalogue={"charts-sdvx": [*charts, vvd]})
    source = document(matchType="sdvxInGameID", identifier="2", difficulty="ANY_INF")
    assert trial.run(source=source) == [("ScoreImported", "bus-vvd")]


@pytest.mark.parametrize("identifier", ["", "0x2", "2e0", "2.0", "-2", "two", "9" * 400])
def test_an_in_game_id_is_a_plain_number(open_stores: Open, identifier: str) -> None:
    source = document(matchType="sdvxInGameID", identifier=identifier)
    assert Trial(open_stores, JSON).run(source=source) == [("InvalidDatapoint", None)]
