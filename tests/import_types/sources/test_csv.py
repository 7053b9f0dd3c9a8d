"""Delimited files as sites write them, and as spreadsheets save them again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.errors import ImportFatal
from tachi_data.import_types.sources.csv import Form, site_csv, strict_csv

ROWS = [["title", "level", "score"], ['Electric "Sister"', "12", "1"], ["A, B; C", "", "2"]]
TEXTS = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=6)


def saved(rows: list[list[str]], separator: str, end: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    """The file as a spreadsheet saves it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(rows)
    return text.getvalue()


def cells_of(content: str, form: Form | None = None) -> list[list[str]]:
    rows, width = site_csv(content, [3], form=form)
    assert width == 3
    return [list(row) for row in rows.drop("line").rows()]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_saved_by_a_spreadsheet_has_the_same_cells(
    separator: str, end: str, quoting: int
) -> None:
    content = saved(ROWS, separator, end, quoting)
    assert cells_of(content) == ROWS[1:]
    names, records, lines = strict_csv(content)
    assert ([names, *records], lines) == (ROWS, [2, 3])


@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=5),
    separator=st.sampled_from(",;\t"),
)
def test_any_cells_come_back_from_a_spreadsheet(rows: list[list[str]], separator: str) -> None:
    content = saved([["title", "level", "score"], *rows], separator, "\n", csv.QUOTE_ALL)
    filled = [row for row in rows if any(row)]
    assert strict_csv(content)[1] == filled
    breaks = {"\u2028", "\u2029"}  # The site's reader takes no quotes off a cell with these.
    if not any(breaks & set(cell) for row in rows for cell in row):
        visible = [row for row in rows if "".join(row).replace('"', "").strip(" ")]
        assert cells_of(content) == visible


@pytest.mark.parametrize(
    "content",
    [
        "title,level,score,,\nA,1,2,,\n,,,,\n",
        "title;level;score;;\r\nA;1;2;;\r\n;;;;\r\n\r\n",
        'sep=;\n"title";level;score\nA;1;2\n',
        "sep=,\ntitle,level,score\nA,1,2\n",
        'title,level,score\nA,1,2,"",\n"","",""\n',
    ],
)
def test_empty_columns_and_rows_at_the_end_do_not_count(content: str) -> None:
    assert cells_of(content) == [["A", "1", "2"]]
    assert strict_csv(content)[:2] == (["title", "level", "score"], [["A", "1", "2"]])


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('Electric "Sister" B,1,2', ['Electric "Sister" B', "1", "2"]),
        ('"Electric ""Sister"" B",1,2', ['Electric "Sister" B', "1", "2"]),
        ('"A" and "B",1,2', ['"A" and "B"', "1", "2"]),
        ('"A",1,2', ["A", "1", "2"]),
        ('"Hello, World",1,2', ["Hello, World", "1", "2"]),
        ('"Hello, World" song,1,2', ['"Hello, World" song', "1", "2"]),
        ("Hello, World,1,2", ["Hello, World", "1", "2"]),
        ('5" Disc,1,2', ['5" Disc', "1", "2"]),
        ('"""Quoted""",1,2', ['"Quoted"', "1", "2"]),
    ],
)
def test_titles_of_the_site_and_of_spreadsheets(line: str, cells: list[str]) -> None:
    assert cells_of(f"title,level,score\n{line}\n", Form()) == [cells]


@pytest.mark.parametrize("line", ["A,1", "A,1,2,3", '"A,1",2', "A;1;2,x"])
def test_other_numbers_of_cells_are_refused_with_the_line(line: str) -> None:
    with pytest.raises(ImportFatal, match=r"^Line 3: expected 3 cells as in the header, got \d\.$"):
        cells_of(f"title,level,score\nA,1,2\n{line}\n")


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("1,A,B,7", ["1", "A", "B", "7"]),
        ("1,A,x,B,7", ["1", "A,x", "B", "7"]),
        ("1,A, x,B,7", ["1", "A, x", "B", "7"]),
        ("1,A,B, x,7", ["1", "A", "B, x", "7"]),
        ("1,A, x,B, y,7", ["1", "A, x", "B, y", "7"]),
        ("1,A,x,y,B,7", ["1", "A,x,y", "B", "7"]),
    ],
)
def test_a_separator_in_prose_is_certain_by_the_number_of_cells(
    line: str, cells: list[str]
) -> None:
    form = Form(prose=(1, 3), patterns={1: "^[0-9]+$"})
    rows, _ = site_csv(f"version,title,artist,score\n0,C,D,8\n{line}\n", [4], form=form)
    assert [list(row)[1:] for row in rows.rows()] == [["0", "C", "D", "8"], cells]
    assert rows["line"].to_list() == [2, 3]


@pytest.mark.parametrize("line", ["1,A,B,7,x", "1,A,B,7,8x", "1,A"])
def test_a_surplus_behind_the_prose_is_refused(line: str) -> None:
    form = Form(prose=(1, 3), patterns={1: "^[0-9]+$"}, spare=1)
    with pytest.raises(ImportFatal, match="Line 2: expected 4 cells"):
        site_csv(f"version,title,artist,score\n{line}\n", [4], form=form)


def test_cells_that_may_be_empty_may_be_cut_off_the_end_of_a_line() -> None:
    form = Form(spare=1)
    content = "title,level,score\nA,1,2\nB,3\n"
    assert cells_of(content, form) == [["A", "1", "2"], ["B", "3", ""]]
    with pytest.raises(ImportFatal, match="Line 3"):  # What has no end may have lost more.
        cells_of(content.rstrip(), form)
    names, records, _ = strict_csv(content, ["level"])
    assert (names, records[1]) == (["title", "level", "score"], ["B", "3", ""])
    for needed in (["level", "score"], []):
        with pytest.raises(ImportFatal, match="Line 3"):
            strict_csv(content, needed)


def test_a_quoted_cell_of_a_strict_file_may_have_line_ends() -> None:
    assert strict_csv('a;b\n"1\n2";3\n\n\n4;5\n') == (
        ["a", "b"],
        [["1\n2", "3"], ["4", "5"]],
        [2, 6],
    )
