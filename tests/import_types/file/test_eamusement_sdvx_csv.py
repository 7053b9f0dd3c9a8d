"""What the golden sample of the SDVX CSV does not show."""

from __future__ import annotations

import csv
import io

import pytest

from tests.conftest import Open
from tests.import_types.changing import Trial
from tests.import_types.samples import Sample

CSV = "file/eamusement-sdvx-csv"
MXM = "bus-mxm"


def test_windows_line_ends_change_nothing(open_stores: Open) -> None:
    assert Trial(open_stores, CSV).run(("\n", "\r\n")) == Trial(open_stores, CSV).run()


def test_there_are_no_timestamps(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    trial.run()
    assert trial.score(MXM)["timeAchieved"] is None
    assert not trial.documents("sessions")


def test_an_ex_score_of_0_was_never_recorded(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    trial.run()
    assert trial.score("lantern-exh")["scoreData"]["optional"]["exScore"] is None
    assert trial.score(MXM)["scoreData"]["optional"]["exScore"] == 4100


@pytest.mark.parametrize("level", ["", "1", "18.5", "XVIII"])
def test_the_level_does_not_matter(open_stores: Open, level: str) -> None:
    outcomes = Trial(open_stores, CSV).run(("MAXIMUM,18,MAXXIVE", f"MAXIMUM,{level},MAXXIVE"))
    assert outcomes[2] == ("ScoreImported", MXM)


def test_ultimate_is_a_difficulty(open_stores: Open) -> None:
    outcomes = Trial(open_stores, CSV).run(("Night Bus,ADVANCED", "Night Bus,ULTIMATE"))
    assert outcomes[1] == ("ScoreImported", "lantern-ult")
    assert outcomes[3] == ("SongOrChartNotFound", None)


def test_nabla_is_a_difficulty_of_which_the_catalogue_may_have_no_charts(open_stores: Open) -> None:
    outcomes = Trial(open_stores, CSV).run(("Night Bus,ADVANCED", "Night Bus,NABLA"))
    assert outcomes[3] == ("SongOrChartNotFound", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("9905000", "-1"),
        ("9905000", "+9905000"),
        ("9905000", " 9905000"),
        ("9905000", "9905000.0"),
        ("9905000", "1e6"),
        ("9905000", "9" * 400),
        ("S,9905000,4100", "S,9905000,"),
        ("MAXXIVE COMPLETE", "maxxive complete"),
    ],
)
def test_what_cannot_be_read_is_invalid(open_stores: Open, old: str, new: str) -> None:
    outcomes = Trial(open_stores, CSV).run((old, new))
    assert outcomes[2] == ("InvalidDatapoint", MXM)


def test_an_unknown_difficulty_is_invalid(open_stores: Open) -> None:
    outcomes = Trial(open_stores, CSV).run(("Bus,MAXIMUM,18,MAX", "Bus,maximum,18,MAX"))
    assert outcomes[2] == ("InvalidDatapoint", None)


@pytest.mark.parametrize("title", ["night bus", "NightBus", "Night\x00Bus"])
def test_titles_are_compared_exactly(open_stores: Open, title: str) -> None:
    outcomes = Trial(open_stores, CSV).run(("Night Bus,MAXIMUM,18,MAX", f"{title},MAXIMUM,18,MAX"))
    assert outcomes[2] == ("SongOrChartNotFound", None)


@pytest.mark.parametrize(
    "title", [" Night Bus", "Night\u3000Bus", "Night\u00a0 Bus\u00a0", "Night\tBus"]
)
def test_but_for_blanks(open_stores: Open, title: str) -> None:
    outcomes = Trial(open_stores, CSV).run(("Night Bus,MAXIMUM,18,MAX", f"{title},MAXIMUM,18,MAX"))
    assert outcomes[2] == ("ScoreImported", MXM)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp932", "euc_jp"])
@pytest.mark.parametrize(("separator", "end"), [(";", "\r\n"), ("\t", "\r"), (",", "\n")])
def test_a_file_that_a_spreadsheet_saved_is_the_same(
    open_stores: Open, encoding: str, separator: str, end: str
) -> None:
    trial = Trial(open_stores, CSV)
    lines = trial.sample.source.decode().splitlines()
    quoted = [line.replace("Green, Lantern", '"Green, Lantern"') for line in lines]
    cells = [[*next(csv.reader([line])), "", ""] for line in quoted]
    saved = io.StringIO()
    csv.writer(saved, delimiter=separator, lineterminator=end).writerows([*cells, [""] * 13])
    outcomes = trial.run(source=saved.getvalue().encode(encoding))
    assert outcomes == Trial(open_stores, CSV).run()
    assert trial.documents("orphans")[0]["data"]["title"] == "Unheard Melody"


def test_the_level_tells_songs_of_one_title_apart(open_stores: Open) -> None:
    catalogue = Sample(CSV).catalogue
    (chart,) = (c for c in catalogue["charts-sdvx"] if c["chartID"] == MXM)
    (bus,) = (s for s in catalogue["songs-sdvx"] if s["id"] == chart["songID"])
    other = chart | {"chartID": "other-mxm", "songID": 99, "level": "17"}
    more = {
        "songs-sdvx": [*catalogue["songs-sdvx"], bus | {"id": 99, "artist": "Others"}],
        "charts-sdvx": [*catalogue["charts-sdvx"], other],
    }
    trial = Trial(open_stores, CSV, catalogue=more)
    assert trial.run()[2] == ("ScoreImported", MXM)
    changed = trial.run(("MAXIMUM,18,MAXXIVE", "MAXIMUM,17,MAXXIVE"))
    assert changed[2] == ("ScoreImported", "other-mxm")
    unknown = trial.run(("MAXIMUM,18,MAXXIVE", "MAXIMUM,16,MAXXIVE"))
    assert unknown[2] == ("AmbiguousTitle", None)
    waiting = {(o["data"]["title"], o["data"]["level"]) for o in trial.documents("orphans")}
    assert ("Night Bus", "16") in waiting


def test_an_orphan_has_the_cells_as_they_are(open_stores: Open) -> None:
    trial = Trial(open_stores, CSV)
    trial.run()
    (orphan,) = trial.documents("orphans")
    assert orphan["context"] == {}
    assert orphan["data"] == {
        "title": "Unheard Melody",
        "difficulty": "GRAVITY",
        "level": "16",
        "lamp": "ULTIMATE CHAIN",
        "score": "9950000",
        "exscore": "0",
    }
