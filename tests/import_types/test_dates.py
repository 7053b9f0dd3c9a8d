"""Dates as sites and spreadsheets write them, where they are certain."""

from __future__ import annotations

import polars as pl
import pytest

from tachi_data.import_types.dates import as_the_site, date, japanese_date


def read(*texts: str) -> list[str | None]:
    return pl.select(date(pl.Series(texts))).to_series().dt.to_string("%Y-%m-%d %H:%M:%S").to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-31 02:30", "2024-03-31 02:30:00"),
        ("2024/3/31 2:30", "2024-03-31 02:30:00"),
        ("2024/03/31 02:30:15", "2024-03-31 02:30:15"),
        ("2024.3.31 2:30", "2024-03-31 02:30:00"),
        ("2024年3月31日 2:30", "2024-03-31 02:30:00"),
        ("2024/3/31", "2024-03-31 00:00:00"),
        ("\u30002024/3/31  2:30 ", "2024-03-31 02:30:00"),
        ("3/31/2024 2:30", "2024-03-31 02:30:00"),
        ("31/3/2024 2:30", "2024-03-31 02:30:00"),
        ("31-03-2024 02:30", "2024-03-31 02:30:00"),
        ("5.6.2024 2:30", "2024-06-05 02:30:00"),  # Dots: the day comes first, everywhere.
        ("4/4/2024 2:30", "2024-04-04 02:30:00"),
        ("3/31/2024 12:05 AM", "2024-03-31 00:05:00"),
        ("3/31/2024 12:05:09 p.m.", "2024-03-31 12:05:09"),
        ("2024/3/31 2:30+09:00", "2024-03-30 17:30:00"),
    ],
)
def test_certain_dates(text: str, expected: str) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        *("5/6/2024 2:30", "31/3/24 2:30", "3/31 2:30", "2024/2/30 2:30", "2024/13/1 2:30"),
        *("13/13/2024 2:30", "5.13.2024 2:30", "2024/3/31 25:00", "2024/3/31 2:60", "45382.104"),
        *("2024/3/31 13:00 PM", "2024/3/31 0:00 AM", "2024/3/31 2", "soon", "", "2024/3/31 2:30 x"),
    ],
)
def test_other_texts_are_no_dates(text: str) -> None:
    assert read(text) == [None]


def test_a_zone_of_a_spreadsheet_date_is_not_shifted() -> None:
    texts = pl.Series(["2024/3/31 9:00", "2024/3/31 9:00 AM +09:00"])
    found = pl.select(japanese_date(texts)).to_series().dt.to_string("%F %R").to_list()
    assert found == ["2024-03-31 00:00", "2024-03-31 00:00"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024/3/1 9:05:00", "2024-03-01 09:05"], ["2024-03-01 09:05", "2024-03-01 09:05"]),
        # A date that is certain tells the order of the others of its file.
        (["5/6/2024 9:05", "31/3/2024 9:05"], ["2024-06-05 09:05", "2024-03-31 09:05"]),
        (["5/6/2024 9:05", "3/31/2024 9:05"], ["2024-05-06 09:05", "2024-03-31 09:05"]),
        # Nothing tells it, or two dates contradict each other.
        (["5/6/2024 9:05", "2024/3/31 9:05"], ["5/6/2024 9:05", "2024-03-31 09:05"]),
        (
            ["5/6/2024 9:05", "31/3/2024 9:05", "3/31/2024 9:05"],
            ["5/6/2024 9:05", "2024-03-31 09:05", "2024-03-31 09:05"],
        ),
        (["2024/3/1 9:05:30", "", "soon"], ["2024/3/1 9:05:30", "", "soon"]),
        (["2024-03-01T09:05Z", "2024/3/1 9:05"], ["2024-03-01T09:05Z", "2024-03-01 09:05"]),
    ],
)
def test_dates_of_a_file_are_written_as_the_site_does(
    texts: list[str], expected: list[str]
) -> None:
    assert as_the_site(pl.Series("t", texts)).to_list() == expected
