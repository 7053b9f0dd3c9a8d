"""What the golden sample of the IIDX CSV does not show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.import_types.changing import Trial
from tests.import_types.samples import Sample

CSV, PLI = "file/eamusement-iidx-csv", "file/pli-iidx-csv"
HYPER = "paper-comet-h"


def unix_ms(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-03 20:15", unix_ms(2024, 2, 3, 11, 15)),
        ("2024-02-03 20:15:30", unix_ms(2024, 2, 3, 11, 15, 30)),
        ("2024-2-3 8:05", unix_ms(2024, 2, 2, 23, 5)),
        (" 2024-02-03 24:00 ", unix_ms(2024, 2, 3, 15)),
        ("2024-02-03T20:15:00Z", unix_ms(2024, 2, 3, 20, 15)),
        ("2024-02-03T20:15:00+09:00", unix_ms(2024, 2, 3, 11, 15)),
        ("2024-02-03 20:15:00 -0100", unix_ms(2024, 2, 3, 21, 15)),
        ("2024/02/03 20:15", unix_ms(2024, 2, 3, 11, 15)),
        ("2024/2/3 20:15:30", unix_ms(2024, 2, 3, 11, 15, 30)),
        ("13/2/2024 20:15", unix_ms(2024, 2, 13, 11, 15)),
        ("", None),
    ],
)
def test_timestamps_without_a_zone_are_in_japan_time(
    open_stores: Open, text: str, expected: int | None
) -> None:
    trial = Trial(open_stores, CSV)
    trial.run(("2024-02-03 20:15", text))
    assert trial.score(HYPER)["timeAchieved"] == expected


@pytest.mark.parametrize(
    "text",
    ["02/03/2024 20:15", "2024-02-30 10:00", "2024-02-03 25:00", "2024-13-01 10:00", "12", "soon",
     "03 Feb 2024 20:15:00 GMT", "01/02/2024", "1960-01-01 10:00", "2030-01-01 10:00"],
)  # fmt: skip
def test_other_timestamps_make_the_scores_of_the_row_invalid(open_stores: Open, text: str) -> None:
    trial = Trial(open_stores, CSV)
    outcomes = trial.run(("2024-02-03 20:15", text))
    assert ("InvalidDatapoint", HYPER) in outcomes


@pytest.mark.parametrize("import_type", [CSV, PLI])
def test_windows_line_ends_change_nothing(open_stores: Open, import_type: str) -> None:
    trial = Trial(open_stores, import_type)
    assert trial.run(("\n", "\r\n")) == Trial(open_stores, import_type).run()


@pytest.mark.parametrize(
    "name", ["31", "constructor", "toString", "__proto__", "epolis", " EPOLIS"]
)
def test_only_the_names_of_versions_are_versions(open_stores: Open, name: str) -> None:
    with pytest.raises(td.ImportFatal, match="version"):
        Trial(open_stores, CSV).run(("EPOLIS,Paper", f"{name},Paper"))


def test_a_header_without_scores_is_refused(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    header = trial.sample.source.split(b"\n")[0]
    with pytest.raises(td.ImportFatal, match="no scores below its header"):
        trial.run(source=header)


def test_orphans_of_pli_are_kept_as_such(open_stores: Open) -> None:
    trial = Trial(open_stores, PLI)
    trial.run()
    (orphan,) = trial.documents("orphans")
    assert orphan["importType"] == PLI
    assert orphan["context"]["service"] == "PLI"
    assert orphan["data"]["title"] == "Unheard Melody†LEGGENDARIA"
    assert orphan["data"]["score"]["difficulty"] == "ANOTHER"


@pytest.mark.parametrize(
    ("filename", "given", "is_refused"),
    [
        ("sp.csv", "DP", True),
        ("my_DP-scores.csv", "SP", True),
        ("display.csv", "DP", False),
        ("spada.csv", "DP", False),
        ("sp_and_dp.csv", "DP", False),
        ("sp2.csv", "DP", True),
        ("", "DP", False),
    ],
)
def test_the_file_name_may_contradict_the_playtype(
    open_stores: Open, filename: str, given: str, is_refused: bool
) -> None:
    trial = Trial(open_stores, CSV)
    if is_refused:
        with pytest.raises(td.ImportFatal, match="playtype"):
            trial.run(playtype=given, filename=filename)
    else:
        assert trial.run(playtype=given, filename=filename)


@pytest.mark.parametrize("value", ["", "false", "0", "False", None])
def test_an_empty_assertion_asserts_nothing(open_stores: Open, value: str | None) -> None:
    with pytest.raises(td.ImportFatal):
        Trial(open_stores, CSV).run(playtype="DP", assertPlaytypeCorrect=value)


@pytest.mark.parametrize("value", ["true", "1", "on"])
def test_an_assertion_turns_the_check_off(open_stores: Open, value: str) -> None:
    assert Trial(open_stores, CSV).run(playtype="DP", assertPlaytypeCorrect=value)


@pytest.mark.parametrize("value", [None, "sp", "", ["SP", "SP"], "Single"])
def test_the_playtype_must_be_given(open_stores: Open, value: Any) -> None:
    with pytest.raises(td.ImportFatal, match="playtype"):
        Trial(open_stores, CSV).run(playtype=value)


def test_a_played_beginner_chart_is_skipped(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    outcomes = trial.run(("Winter Exam", "Unheard Melody"))
    assert outcomes[15] == ("Skipped", None)


@pytest.mark.parametrize("text", ["", " ", "---"])
def test_no_miss_count_is_no_miss_count(open_stores: Open, text: str) -> None:
    trial = Trial(open_stores, CSV)
    trial.run(("420,60,5,", f"420,60,{text},"))
    assert "bp" not in trial.score(HYPER)["scoreData"]["optional"]


def test_a_title_with_stray_blanks_in_the_catalogue_is_found(open_stores: Open) -> None:
    catalogue = Sample(CSV).catalogue
    song = catalogue["songs-iidx"][0] | {"title": " Paper Comet\u3000"}
    trial = Trial(open_stores, CSV, catalogue={"songs-iidx": [song]})
    assert ("ScoreImported", HYPER) in trial.run()


@pytest.mark.parametrize("title", ["Paper\x00Comet", "x" * 200_000])
def test_an_odd_title_is_simply_unknown(open_stores: Open, title: str) -> None:
    outcomes = Trial(open_stores, CSV).run(("Paper Comet", title))
    assert outcomes[2] == ("SongOrChartNotFound", None)


@pytest.mark.parametrize("title", ["Paper, Comet", "Paper,Comet"])
@pytest.mark.parametrize("artist", ["The Testers", "The Testers, Nobody"])
def test_commas_in_titles_and_artists_are_no_separators(
    open_stores: Open, title: str, artist: str
) -> None:
    if "," in artist and ", " not in title:
        return  # Nothing tells which comma is which then.
    song = Sample(CSV).catalogue["songs-iidx"][0] | {"title": title}
    trial = Trial(open_stores, CSV, catalogue={"songs-iidx": [song]})
    row = f"EPOLIS,{title},TEST,{artist}"
    assert ("ScoreImported", HYPER) in trial.run(("EPOLIS,Paper Comet,TEST,The Testers", row))
    assert trial.score(HYPER)["timeAchieved"] == unix_ms(2024, 2, 3, 11, 15)


def test_a_date_that_a_spreadsheet_cut_off_is_none(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    assert ("ScoreImported", HYPER) in trial.run(("FAILED,D,2024-02-03 20:15", "FAILED,D"))
    assert trial.score(HYPER)["timeAchieved"] is None


def test_the_spelling_of_the_site_is_tried_first_and_only_here(open_stores: Open) -> None:
    songs = Sample(CSV).catalogue["songs-iidx"]
    named = songs[0] | {"data": {**songs[0]["data"], "eamusementCsvTitle": "Site\u3000Title"}}
    same = songs[1] | {"altTitles": [*songs[1]["altTitles"], "Site Title"]}
    trial = Trial(open_stores, CSV, catalogue={"songs-iidx": [named, same]})
    assert ("ScoreImported", HYPER) in trial.run(("Paper Comet", "Site Title"))
    score = {"matchType": "songTitle", "identifier": "Site Title", "difficulty": "HYPER"}
    score |= {"score": 900, "lamp": "CLEAR"}
    body = {"meta": {"game": "iidx", "playtype": "SP", "service": "Test"}, "scores": [score]}
    outcome = td.import_scores(trial.store, "ir/direct-manual", body, user_id=trial.player)
    assert HYPER not in outcome.datapoints["chart_id"].to_list()


def test_an_orphan_comes_in_when_the_catalogue_learns_the_spelling_of_the_site(
    open_stores: Open,
) -> None:
    trial = Trial(open_stores, CSV)
    trial.run(("Paper Comet", "Site Title"))
    song = trial.sample.catalogue["songs-iidx"][0]
    song = song | {"data": {**song["data"], "eamusementCsvTitle": "Site Title"}}
    td.patch_catalogue(trial.store, {"songs-iidx": [song]})
    assert td.reprocess_orphans(trial.store, only_changed=True).success
    assert trial.score(HYPER)["scoreData"]["score"] == 900
