"""What the golden samples of mypagescraper do not show."""

from __future__ import annotations

import pytest

import tachi_data as td
from tachi_data.import_types import Source, all_import_types
from tests.conftest import Open
from tests.import_types.changing import Trial

RECORDS, PLAYER = "file/mypagescraper-records-csv", "file/mypagescraper-player-csv"
HEADER = "music_id,music_title,music_levels,music_scores,music_achieves\n"


def datapoints(levels: str, scores: str, achieves: str) -> list[tuple[object, ...]]:
    """The difficulties that a record has: index, level, score and lamp."""
    content = HEADER + f'7,T,"{levels}","{scores}","{achieves}"\n'
    rows = all_import_types()[RECORDS].parse(Source(content.encode())).datapoints
    return rows.select("raw.diffIndex", "raw.level", "raw.score", "raw.lamp").rows()


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("[3,7+,12,0]", [(0, "3"), (1, "7+"), (2, "12")]),
        ("[0,0,13]", [(2, "13")]),
        ("x [1,2,3] [4,5,6]", [(0, "1"), (1, "2"), (2, "3")]),
        ("[1,2,3,4,5]", [(0, "1"), (1, "2"), (2, "3"), (3, "4,5")]),
        ("[ 1,2 , 3]", [(0, " 1"), (1, "2 "), (2, " 3")]),
        ("[1,2]", []),
        ("1,2,3", []),
        ("[,,]", []),
        ("", []),
    ],
)
def test_a_list_cell(levels: str, expected: list[tuple[int, str]]) -> None:
    found = datapoints(levels, "[1,1,1,1]", "[1,1,1,1]")
    assert [row[:2] for row in found] == expected


def test_unplayed_charts_are_left_out_and_lists_may_differ_in_length() -> None:
    assert datapoints("[3,8,11+,13]", "[0, ,981000]", "[0,1,2]")[0] == (2, "11+", 981000.0, 2.0)
    assert [row[0] for row in datapoints("[3,8,11+,13]", "[0,0,981000]", "[0,1,2]")] == [2, 3]


@pytest.mark.parametrize("score", ["-1", "1000001", "950000.5", "???", "1e999"])
def test_a_score_out_of_range_is_invalid(open_stores: Open, score: str) -> None:
    outcomes = Trial(open_stores, RECORDS).run(("950000", score))
    assert outcomes[0] == ("InvalidDatapoint", "table-h")


@pytest.mark.parametrize("lamp", ["5", "-1", "1.5", "clear"])
def test_an_unknown_lamp_is_invalid(open_stores: Open, lamp: str) -> None:
    outcomes = Trial(open_stores, RECORDS).run(("[0,1,2,4]", f"[0,{lamp},2,4]"))
    assert outcomes[0] == ("InvalidDatapoint", "table-h")


def test_blank_lines_are_skipped_and_the_level_does_not_matter(open_stores: Open) -> None:
    expected = Trial(open_stores, RECORDS).run()
    assert Trial(open_stores, RECORDS).run(("\n2002", "\n\n2002")) == expected
    assert Trial(open_stores, RECORDS).run(("[3,8,11+,13]", "[3,9,12,14]")) == expected


def test_scores_are_personal_bests_without_a_time(open_stores: Open) -> None:
    trial = Trial(open_stores, RECORDS)
    trial.run()
    assert trial.score("table-h")["timeAchieved"] is None
    assert not trial.documents("sessions")


@pytest.mark.parametrize("content", [b"", HEADER.encode(), b"a,b\n"])
def test_no_record_is_an_empty_import(open_stores: Open, content: bytes) -> None:
    assert Trial(open_stores, RECORDS).run(source=content) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("music_title", "title", "music_title"),
        ("2001,Round", "2001,extra,Round", "Line 2"),
        ("Round Table", 'Round "Table"', "quote"),
    ],
)
def test_a_broken_file_is_refused(open_stores: Open, old: str, new: str, message: str) -> None:
    with pytest.raises(td.ImportFatal, match=message):
        Trial(open_stores, RECORDS).run((old, new))


def test_what_is_no_number_takes_part_in_the_orphan_id(open_stores: Open) -> None:
    trial = Trial(open_stores, RECORDS)
    trial.run(("[0,0,912345]", "[0,0,many]"))
    (orphan,) = trial.documents("orphans")
    assert orphan["data"]["score"] is None  # NaN, which JSON cannot carry


@pytest.mark.parametrize(("stage", "numeral"), [("1", "I"), ("014", "XIV"), ("5", "V")])
def test_the_stage_is_a_class(open_stores: Open, stage: str, numeral: str) -> None:
    trial = Trial(open_stores, PLAYER)
    assert trial.run(("[5,", f"[{stage},")) == []
    (achieved,) = trial.documents("classAchievements")
    assert (achieved["classSet"], achieved["classValue"]) == ("stageUp", numeral)


def test_stage_0_is_no_class(open_stores: Open) -> None:
    trial = Trial(open_stores, PLAYER)
    assert trial.run(("[5,ステージV", "[0,なし")) == []
    assert not trial.documents("classAchievements")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[5,", "[15,"),
        ("[5,", "[-1,"),
        ("[5,", "[" + "9" * 5000 + ","),
        ("[5,ステージV,3]", "5,V,3"),
        ("[5,ステージV,3]", "[5,,3]"),
        ("player_stage", "stage"),
        ("TESTER", "TESTER\n1,2,3\nTESTER"),
    ],
)
def test_a_broken_player_file_is_refused(open_stores: Open, old: str, new: str) -> None:
    trial = Trial(open_stores, PLAYER)
    with pytest.raises(td.ImportFatal):
        trial.run((old, new))
    assert not trial.documents("classAchievements")
