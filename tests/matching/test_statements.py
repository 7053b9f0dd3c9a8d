"""Each statement of matching, on tables of a few rows."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tachi_data.matching import KEYS
from tachi_data.matching import sql as statement
from tachi_data.store import query
from tests.matching.tables import tables

SONGS = (
    {"key": "First", "song_id": 1},
    {"key": "First", "song_id": 2, "artist_folded": "somebody"},
    {"key": "first", "song_id": 3, "kind": "folded_title"},
    {"key": "First", "song_id": 4, "game": "sdvx"},
)
CHARTS = (
    {"key": "1", "chart_id": "old", "versions": ["29", "30"], "preference": 1, "is_primary": False},
    {"key": "1", "chart_id": "new", "versions": ["31"]},
    {"key": "1", "chart_id": "double", "playtype": "DP", "difficulty": "HYPER"},
    {"key": "1", "chart_id": "fans", "difficulty": "HYPER", "is_fan_made": True},
    {"key": "2", "chart_id": "other"},
    {"key": "1", "chart_id": "elsewhere", "game": "sdvx"},
    {"key": "1", "chart_id": "by ID", "kind": "in_game_id"},
)


def found(name: str, con: duckdb.DuckDBPyConnection, **wanted: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement finds for one look-up."""
    types = {
        **KEYS,
        "song_look_up": pl.UInt32(),
        "chart_look_up": pl.UInt32(),
        "song_id": pl.Int64(),
    }
    row = dict.fromkeys(types) | {"song_look_up": 7, "chart_look_up": 7} | wanted
    rows = query(con, statement(name), {"game": "iidx"}, wanted=pl.DataFrame([row], schema=types))
    return rows.sort(rows.columns).rows()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"song_kind": "title", "song_key": "First"}, [(7, 1), (7, 2)]),
        ({"song_kind": "title", "song_key": "First", "artist": "somebody"}, [(7, 2)]),
        ({"song_kind": "title", "song_key": "First", "artist": "anybody"}, []),
        ({"song_kind": "title", "song_key": "first"}, []),
        ({"song_kind": "folded_title", "song_key": "first"}, [(7, 3)]),
    ],
)
def test_songs(wanted: dict[str, str], expected: list[tuple[int, int]]) -> None:
    assert found("songs", tables(SONGS), **wanted) == expected


def test_a_song_with_a_key_twice_is_found_once() -> None:
    twice = ({"key": "A", "song_id": 1}, {"key": "A", "song_id": 1, "artist_folded": "x"})
    assert found("songs", tables(twice), song_kind="title", song_key="A") == [(7, 1)]


@pytest.mark.parametrize(("song_id", "expected"), [(1, [(1, "First ")]), (3, [])])
def test_spellings(song_id: int, expected: list[tuple[int, str]]) -> None:
    written = {"key": "First ", "song_id": 1, "kind": "spelling"}
    assert found("spellings", tables((*SONGS, written)), song_id=song_id) == expected


@pytest.mark.parametrize(("song_id", "expected"), [(2, [(2, "SOMEBODY")]), (9, [])])
def test_artists(song_id: int, expected: list[tuple[int, str]]) -> None:
    assert found("artists", tables(SONGS), song_id=song_id) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"chart_key": "1"}, ["double", "fans", "new", "old"]),
        ({"chart_key": "1", "playtype": "DP"}, ["double"]),
        ({"chart_key": "1", "difficulty": "HYPER"}, ["double", "fans"]),
        ({"chart_key": "1", "difficulty": "HYPER", "official_only": True}, ["double"]),
        ({"chart_key": "1", "difficulty": ""}, []),
        ({"chart_key": "1", "version": "29"}, ["old"]),
        # A version decides alone: a chart that is not primary any more was it then.
        ({"chart_key": "1", "version": "29", "primary_only": True}, ["old"]),
        ({"chart_key": "1", "difficulty": "ANOTHER", "primary_only": True}, ["new"]),
        ({"chart_key": "1", "chart_kind": "in_game_id"}, ["by ID"]),
        ({"chart_key": "3"}, []),
    ],
)
def test_charts(wanted: dict[str, Any], expected: list[str]) -> None:
    rows = found("charts", tables(charts=CHARTS), **{"chart_kind": "song_id", **wanted})
    assert [row[4] for row in rows] == expected


def test_charts_come_with_their_preference_and_level() -> None:
    rows = found(
        "charts", tables(charts=CHARTS), chart_kind="song_id", chart_key="1", playtype="SP"
    )
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        (7, 0, "12", "fans"),
        (7, 0, "12", "new"),
        (7, 1, "12", "old"),
    ]


def test_charts_come_with_their_data_and_that_of_their_song() -> None:
    songs = ({"key": "First", "song_id": 1},)
    charts = ({"key": "1", "chart_id": "with", "song_id": 1}, {"key": "1", "chart_id": "without"})
    rows = found("charts", tables(songs, charts), chart_kind="song_id", chart_key="1")
    assert [(row[4], *row[10:]) for row in rows] == [
        ("with", "{}", "{}", True),
        ("without", "{}", None, False),
    ]


@pytest.mark.parametrize(("song_id", "expected"), [(1, []), (5, [(7,)])])
def test_empty_songs(song_id: int, expected: list[tuple[int]]) -> None:
    assert found("empty_songs", tables(charts=CHARTS), song_id=song_id) == expected


def test_a_statement_answers_every_look_up() -> None:
    wanted = pl.DataFrame(
        {"song_look_up": [0, 1, 2], "song_kind": "title", "song_key": ["First", "?", "First"]},
        schema_overrides={"song_look_up": pl.UInt32},
    ).with_columns(artist=pl.lit(None, dtype=pl.String))
    rows = query(tables(SONGS), statement("songs"), {"game": "sdvx"}, wanted=wanted)
    expected = pl.DataFrame(
        {"song_look_up": [0, 2], "song_id": [4, 4]}, schema_overrides={"song_look_up": pl.UInt32}
    )
    assert_frame_equal(rows.sort("song_look_up"), expected)
