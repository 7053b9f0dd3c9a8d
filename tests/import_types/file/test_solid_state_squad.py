"""What the golden sample of Solid State Squad does not show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import tachi_data as td
from tachi_data.import_types import Source, all_import_types
from tests.conftest import Open
from tests.import_types.changing import Trial

XML = "file/solid-state-squad"
FIRST = "<![CDATA[paper comet]]>"
SONG = """<song><id>1</id><diff>7</diff><songname>T</songname><styles>10th</styles>
<exscore>1</exscore><mods>{}</mods><cleartype>played</cleartype><date></date></song>"""


def song(content: str) -> dict[str, Any]:
    """The record that is read of a song with these members of ``mods``."""
    user = "<userdata><id>1</id><login>a</login><djname>b</djname></userdata>"
    text = f"<s3data>{user}<scoredata>{SONG.format(content)}</scoredata></s3data>"
    (record,) = all_import_types()[XML].parse(Source(text.encode())).datapoints
    return dict(record)


def test_one_file_has_one_order_of_day_and_month() -> None:
    songs = [SONG.format("").replace("<date>", f"<date>{d}") for d in ("5/6/2009", "31/3/2009")]
    user = "<userdata><id>1</id><login>a</login><djname>b</djname></userdata>"
    text = f"<s3data>{user}<scoredata>{''.join(songs)}</scoredata></s3data>"
    records = all_import_types()[XML].parse(Source(text.encode())).datapoints
    assert [record["date"] for record in records] == ["2009-6-5", "31/3/2009"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2009-08-16 18:35:00", (2009, 8, 16, 18, 35)),
        ("2009-08-16 18:35", (2009, 8, 16, 18, 35)),
        ("2009/08/16 18:35", (2009, 8, 16, 18, 35)),
        ("2009-08-16T18:35:00+09:00", (2009, 8, 16, 9, 35)),
        ("", None),
    ],
)
def test_dates_are_in_utc(open_stores: Open, date: str, expected: tuple[int, ...] | None) -> None:
    trial = Trial(open_stores, XML)
    trial.run(("2009-08-16 18:35:00", date))
    at = None if expected is None else datetime(*expected, tzinfo=UTC).timestamp() * 1000  # type: ignore[arg-type,misc]
    assert trial.score("comet-h")["timeAchieved"] == at


@pytest.mark.parametrize("date", ["8/6/2009 18:35", "2009-02-30 10:00", "16 Aug 2009", "0"])
def test_other_dates_are_invalid(open_stores: Open, date: str) -> None:
    outcomes = Trial(open_stores, XML).run(("2009-08-16 18:35:00", date))
    assert outcomes[0] == ("InvalidDatapoint", "comet-h")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.50", 3.5),
        ("007", 7),
        ("+5", 5),
        (".5", 0.5),
        ("5.", 5),
        (" 1e3 ", 1000),
        ("0x1F", 31),
        ("0X1F", "0X1F"),
        ("-0", "-0"),
        ("1.2345678901234567890123", "1.2345678901234567890123"),
        ("1" + "0" * 22, 1e22),
        ("true", True),
        ("True", "True"),
        ("", ""),
        ("<![CDATA[ 7 ]]>", 7),
        ("1<!-- c -->2", 12),
        ("1<![CDATA[2]]>", "12"),
        ("<![CDATA[&lt;&amp;amp;]]>", "<&amp;"),
        ("&lt;", "<"),
        ("<x>1</x>", {"x": 1}),
        ("<x>1</x>2", {"x": 1, "#text": 2}),
        ("<x/><x>a</x>", {"x": ["", "a"]}),
        ("<?php 1 ?>T", "T"),
    ],
)
def test_members_that_nobody_needs_are_read_like_the_reference(text: str, value: Any) -> None:
    found = song(f"<highspeed>{text}</highspeed>")["mods"]["highspeed"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["e5", "1e999"])
def test_numbers_that_json_does_not_have(text: str) -> None:
    found = song(f"<highspeed>{text}</highspeed>")["mods"]["highspeed"]
    assert found != found or found == float("inf")


@pytest.mark.parametrize("title", ["1e3", "0.59", "true", "1.50", "0x10", "null"])
def test_titles_are_texts(open_stores: Open, title: str) -> None:
    trial = Trial(open_stores, XML)
    trial.run((FIRST, title))
    assert title in [orphan["data"]["songname"] for orphan in trial.documents("orphans")]


def test_texts_that_look_like_numbers_are_texts(open_stores: Open) -> None:
    trial = Trial(open_stores, XML)
    trial.run(("<login>tester</login>", "<login>007</login>"))
    assert trial.score("spy-a")["comment"] == "42"
    outcomes = trial.run(("<styles>9th,10th</styles>", "<styles>10</styles>"))
    assert outcomes[0] == ("InvalidDatapoint", None)


def test_processing_instructions_are_ignored(open_stores: Open) -> None:
    outcomes = Trial(open_stores, XML).run((FIRST, f"<?x y?>{FIRST}"))
    assert outcomes[0] == ("ScoreImported", "comet-h")


def test_a_doctype_without_entities_is_harmless(open_stores: Open) -> None:
    outcomes = Trial(open_stores, XML).run(("<s3data>", "<!DOCTYPE s3data>\n<s3data>"))
    assert outcomes[0] == ("ScoreImported", "comet-h")


@pytest.mark.parametrize(
    "declaration",
    ['<!ENTITY a "b">', '<!ENTITY % a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">'],
)
def test_entities_are_refused(open_stores: Open, declaration: str) -> None:
    with pytest.raises(td.ImportFatal, match="entities"):
        Trial(open_stores, XML).run(("<s3data>", f"<!DOCTYPE s3data [{declaration}]>\n<s3data>"))


def test_a_five_key_score_is_skipped_whatever_its_title(open_stores: Open) -> None:
    outcomes = Trial(open_stores, XML).run(("Five Keys", "Paper Comet"))
    assert outcomes[4] == ("Skipped", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<s3data>", "<s4data>"),
        ("</songname>", ""),
        ("<exscore>900</exscore>", "<exscore>-1</exscore>"),
        ("<exscore>900</exscore>", "<exscore>many</exscore>"),
        ("<exscore>900</exscore>", ""),
        ("<diff>7</diff>", "<diff>8</diff>"),
        ("<hardeasy>H</hardeasy>", "<hardeasy>X</hardeasy>"),
        ("<cleartype>played", "<cleartype>won"),
        ("<justgreats>420</justgreats>", ""),
        ("<id>9</id>", "<id>nine</id>"),
        ("<scoredata>", "<scoredata/><scoredata>"),
        (FIRST, "<b>bold</b>"),
        (FIRST, "a & b"),
        (FIRST, "&nbsp;"),
        (FIRST, "\x00"),
    ],
)
def test_a_violation_refuses_the_file(open_stores: Open, old: str, new: str) -> None:
    trial = Trial(open_stores, XML)
    with pytest.raises(td.ImportFatal):
        trial.run((old, new))
    assert not trial.documents("scores")
    assert not trial.documents("orphans")
