"""Look-ups tied to songs and charts, on tables of a few rows."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

from tachi_data import games
from tachi_data.matching import difficulty_aliases, match
from tests.matching.tables import look_ups, tables

SONGS = (
    {"key": "Alpha", "song_id": 1},
    {"key": "Alpha", "song_id": 1, "kind": "spelling"},
    {"key": "alpha", "song_id": 1, "kind": "folded_title"},
    {"key": "ALPHA", "song_id": 2, "artist_folded": "somebody"},
    {"key": "ALPHA", "song_id": 2, "artist_folded": "somebody", "kind": "spelling"},
    {"key": "alpha", "song_id": 2, "artist_folded": "somebody", "kind": "folded_title"},
    {"key": "beta", "song_id": 3, "kind": "folded_title"},
)
CHARTS = (
    {"key": "1", "song_id": 1, "chart_id": "a"},
    {"key": "2", "song_id": 2, "chart_id": "A"},
    {"key": "3", "song_id": 3, "chart_id": "b-30", "is_primary": False, "preference": 1},
    {"key": "3", "song_id": 3, "chart_id": "b-31", "versions": ["31"]},
    {"key": "900", "song_id": 3, "chart_id": "b-31", "kind": "in_game_id", "versions": ["31"]},
    {
        "key": "900",
        "song_id": 3,
        "chart_id": "b-30",
        "kind": "in_game_id",
        "is_primary": False,
        "preference": 1,
    },
)
OF_SONG = {"chart_kind": "song_id", "difficulty": "ANOTHER", "primary_only": True}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return tables(SONGS, CHARTS)


def title(text: str, **more: Any) -> dict[str, Any]:
    """A look-up by folded title."""
    named = {"song_kind": "folded_title", "song_key": text.lower(), "song_exact": text}
    return {**named, **OF_SONG, **more}


def tied(con: duckdb.DuckDBPyConnection, wanted: dict[str, Any], game: str = "iidx") -> Any:
    """How many songs fit one look-up; the song and the chart that it finds."""
    (row,) = match(look_ups(wanted), game, con).select("song_hits", "song_id", "chart_id").rows()
    return row


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"song_kind": "title", "song_key": "Alpha", **OF_SONG}, (1, 1, "a")),
        ({"song_kind": "title", "song_key": "alpha", **OF_SONG}, (0, None, None)),
        (title("Beta"), (1, 3, "b-31")),
        (title("Gamma"), (0, None, None)),
        # Of several songs with one folded title, the one that is spelled exactly so.
        (title("Alpha"), (1, 1, "a")),
        (title("ALPHA"), (1, 2, "A")),
        (title("aLPHA", artist="somebody"), (1, 2, "A")),
        (title("Alpha", artist="anybody"), (0, None, None)),
    ],
)
def test_songs_by_title(con: duckdb.DuckDBPyConnection, wanted: Any, expected: Any) -> None:
    assert tied(con, wanted) == expected


def test_a_title_of_several_songs_stays_ambiguous(con: duckdb.DuckDBPyConnection) -> None:
    found = match(look_ups(title("Beta"), title("aLPHA")), "iidx", con).to_dicts()[1]
    assert (found["song_hits"], found["song_id"], found["chart_id"]) == (2, None, None)
    assert found["song_candidates"] == "song 1 by NOBODY, song 2 by SOMEBODY"


SPELLINGS = ("A B", "a B", "A  B", "a\u3000b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((spelling, number) for number, spelling in enumerate(SPELLINGS)),  # An exact hit wins.
        ("A b", None),  # Two differ in case only.
        ("A\u3000B", 3),  # One does.
        ("A\u00a0B", None),  # None does.
    ],
)
def test_of_songs_with_one_key_the_most_alike_wins(text: str, expected: int | None) -> None:
    keys = [{"key": "a b", "song_id": n, "kind": "folded_title"} for n in range(4)]
    written = [{"key": s, "song_id": n, "kind": "spelling"} for n, s in enumerate(SPELLINGS)]
    charts = [{"key": str(n), "song_id": n, "chart_id": f"c{n}"} for n in range(4)]
    wanted = title(text) | {"song_key": "a b"}
    _, song, _ = tied(tables((*keys, *written), charts), wanted)
    assert song == expected


SAME = [{"key": "same", "song_id": n, "kind": "folded_title"} for n in range(3)]
OF_SAME = (
    {"key": "0", "chart_id": "0-12"},
    {"key": "1", "chart_id": "1-11", "level": "11"},
    {"key": "2", "chart_id": "2-11", "level": "11"},
    {"key": "2", "chart_id": "2-h", "difficulty": "HYPER"},
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"difficulty": "HYPER"}, "2-h"),  # Only one song has such a chart.
        ({"difficulty": "HYPER", "level": "3"}, "2-h"),
        ({"level": "12"}, "0-12"),  # Only one such chart has the level.
        ({"level": " 12.0 "}, "0-12"),
        ({"level": "11"}, None),
        ({"level": "7"}, None),
        ({}, None),
        ({"difficulty": "NORMAL"}, None),
        ({"playtype": "DP", "level": "12"}, None),
    ],
)
def test_difficulty_then_level_tell_songs_of_one_title_apart(
    more: dict[str, str], expected: str | None
) -> None:
    hits, _, chart = tied(tables(SAME, OF_SAME), title("Same", **more))
    assert (hits, chart) == (1 if expected else 3, expected)


def test_only_the_first_of_many_candidates_are_named() -> None:
    songs = [{"key": "same", "song_id": n, "kind": "folded_title"} for n in range(9)]
    (told,) = match(look_ups(title("Same")), "iidx", tables(songs))["song_candidates"].to_list()
    assert told.startswith("song 0 by NOBODY, ")
    assert told.endswith("song 4 by NOBODY, …")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "b-31"),
        ({"version": "30"}, "b-30"),
        ({"version": "29"}, None),
        ({"playtype": "DP"}, None),
        ({"difficulty": "HYPER"}, None),
        # Any chart of the song will do: the one that the catalogue prefers.
        ({"primary_only": False}, "b-31"),
    ],
)
def test_charts_of_a_song(
    con: duckdb.DuckDBPyConnection, more: dict[str, Any], expected: str | None
) -> None:
    assert tied(con, title("Beta", **more)) == (1, 3 if expected else None, expected)


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, "b-31"), ({"primary_only": True}, "b-31"), ({"version": "30"}, "b-30")],
)
def test_charts_by_key(con: duckdb.DuckDBPyConnection, more: Any, expected: str) -> None:
    wanted = {"chart_kind": "in_game_id", "chart_key": "900", **more}
    assert tied(con, wanted) == (None, 3, expected)


def test_every_look_up_has_its_row_in_order(con: duckdb.DuckDBPyConnection) -> None:
    key = {"chart_kind": "in_game_id", "chart_key": "900"}
    wanted = look_ups(title("Beta"), key, title("?"), {}, title("Beta"), key)
    found = match(wanted, "iidx", con)
    assert found["row"].to_list() == [0, 1, 2, 3, 4, 5]
    assert found["chart_id"].to_list() == ["b-31", "b-31", None, None, "b-31", "b-31"]
    assert found["song_hits"].to_list() == [1, None, 0, None, 1, None]


def test_no_look_ups_are_no_rows(con: duckdb.DuckDBPyConnection) -> None:
    assert match(look_ups(), "iidx", con).is_empty()


# --- what single games declare ------------------------------------------------------------------


def test_an_alias_of_a_difficulty_finds_any_it_stands_for() -> None:
    levels = ("NOV", "GRV")
    charts = [
        {"game": "sdvx", "key": str(n), "song_id": n, "chart_id": level, "difficulty": level}
        for n, level in enumerate(levels)
    ]
    con = tables(charts=charts)
    wanted = {"chart_kind": "song_id", "difficulty": "ANY_INF"}
    assert tied(con, {**wanted, "chart_key": "1"}, "sdvx") == (None, 1, "GRV")
    assert tied(con, {**wanted, "chart_key": "0"}, "sdvx") == (None, None, None)


def test_of_several_difficulties_of_an_alias_the_preferred_one_is_found() -> None:
    charts = [
        {"game": "sdvx", "key": "1", "chart_id": level, "difficulty": level, "preference": place}
        for place, level in enumerate(("VVD", "INF"))
    ]
    wanted = look_ups(*({"chart_kind": "song_id", "chart_key": "1", "difficulty": "ANY_INF"},) * 2)
    assert match(wanted, "sdvx", tables(charts=charts))["chart_id"].to_list() == ["VVD", "VVD"]


def test_an_alias_is_one_of_its_game_alone(con: duckdb.DuckDBPyConnection) -> None:
    assert tied(con, title("Beta", difficulty="ANY_INF")) == (1, None, None)


def test_aliases_stand_for_difficulties_of_their_game() -> None:
    for game, alias, difficulty in difficulty_aliases().rows():
        listed = {d for gpt in games.gpts(game) for d in gpt.difficulties or ()}
        assert difficulty in listed
        # One that is sent under another name keeps its own.
        assert (alias in listed) == any(alias in gpt.sent_as.values() for gpt in games.gpts(game))


TWINS = [
    {"chart_id": "first", "key": "1", "kind": "in_game_id", "preference": 0},
    {"chart_id": "second", "key": "1", "kind": "in_game_id", "preference": 1},
    {"chart_id": "older", "key": "1", "kind": "in_game_id", "preference": 2, "is_primary": False},
    {"chart_id": "alone", "key": "2", "kind": "in_game_id", "is_primary": False},
]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"chart_key": "1"}, ("first", 2)),
        ({"chart_key": "1", "only_one": True}, (None, None)),
        ({"chart_key": "2", "only_one": True}, ("alone", 1)),
    ],
)
def test_of_several_charts_the_first_or_none(
    wanted: dict[str, Any], expected: tuple[str | None, int | None]
) -> None:
    found = match(look_ups({"chart_kind": "in_game_id", **wanted}), "iidx", tables([], TWINS))
    assert found.select("chart_id", "chart_hits").row(0) == expected


@pytest.mark.parametrize(("kind", "is_empty"), [("ddr_song_hash", True), ("title", None)])
def test_a_song_without_charts_is_told_where_the_game_says_so(
    kind: str, is_empty: bool | None
) -> None:
    songs = [{"game": "ddr", "kind": kind, "key": key, "song_id": n} for n, key in enumerate("ab")]
    charts = [{"game": "ddr", "key": "1", "chart_id": "c", "difficulty": "EXPERT"}]
    wanted = look_ups(*({"song_kind": kind, "song_key": key, **OF_SONG} for key in "ab"))
    found = match(wanted, "ddr", tables(songs, charts))
    # The second song has a chart, though not of the difficulty that is looked for.
    assert found["song_is_empty"].to_list() == [is_empty, None]
    assert found["chart_id"].null_count() == 2
    assert found.schema["song_is_empty"] == pl.Boolean
