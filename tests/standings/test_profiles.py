"""Ratings and classes of players, what is stored of them, and which changes are reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.profiles import provided_frame, update_profiles
from tachi_data.store import insert
from tests.standings.tables import at, rows_of, store_scores, tables

SINGLE = "Single"


def update(
    con: duckdb.DuckDBPyConnection, *players: int, dans: Mapping[int, str] | None = None
) -> list[tuple[Any, ...]]:
    """Update the profiles of players; returns player, set, old, new of each delta, as reported."""
    frame = pl.DataFrame({"user_id": players, "playtype": [SINGLE] * len(players)})
    provided = provided_frame({(p, SINGLE): {"dan": dan} for p, dan in (dans or {}).items()})
    deltas = update_profiles(frame, provided, "sdvx", at(con))
    return deltas.select("user_id", "set", "old", "new").rows()


def played(**levels: float) -> duckdb.DuckDBPyConnection:
    """Tables in which player 1 has a personal best on a chart of each level."""
    con = tables(**levels)
    rebuild_personal_bests(store_scores(con, *({"chart_id": c} for c in levels)), "sdvx", con)
    return con


def profile(con: duckdb.DuckDBPyConnection, player: int, ratings: str, classes: str) -> None:
    row = {"user_id": player, "game": "sdvx", "playtype": SINGLE}
    insert(con, "game_stats", pl.DataFrame([row | {"ratings": ratings, "classes": classes}]))


def profiles(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return rows_of(con, "game_stats", "user_id", "ratings", "classes")


def achievements(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return rows_of(con, "class_achievements", "ordinal", "class_set", "class_value")


def test_a_profile_rates_all_personal_bests_together() -> None:
    con = played(c=10, d=10)
    update(con, 1)
    # Twice 0.163, and the first colour of VOLFORCE.
    assert profiles(con) == [(1, '{"VF6":0.326}', '{"vfClass":"SIENNA_I"}')]


def test_personal_bests_on_secondary_charts_do_not_count() -> None:
    con = played(c=15, d=20)
    con.execute("UPDATE pbs_sdvx SET is_primary = FALSE WHERE chart_id = 'd'")
    update(con, 1)
    assert profiles(con) == [(1, '{"VF6":0.245}', '{"vfClass":"SIENNA_I"}')]


def test_a_player_without_scores_or_classes_has_no_profile() -> None:
    con = played(c=15)
    assert update(con, 2) == []
    assert profiles(con) == []


def test_a_provided_class_is_enough_for_a_profile() -> None:
    con = tables(c=15)
    assert update(con, 2, dans={2: "DAN_3"}) == [(2, "dan", None, "DAN_3")]
    assert profiles(con) == [(2, '{"VF6":null}', '{"dan":"DAN_3"}')]


def test_a_provided_class_goes_up() -> None:
    con = tables(c=15)
    profile(con, 1, "{}", '{"dan":"DAN_3"}')
    assert update(con, 1, dans={1: "DAN_11"}) == [(1, "dan", "DAN_3", "DAN_11")]
    assert profiles(con) == [(1, '{"VF6":null}', '{"dan":"DAN_11"}')]


def test_a_provided_class_never_goes_down() -> None:
    con = tables(c=15)
    profile(con, 1, "{}", '{"dan":"DAN_11"}')
    assert update(con, 1, dans={1: "DAN_3"}) == []
    assert profiles(con) == [(1, '{"VF6":null}', '{"dan":"DAN_11"}')]


def test_a_derived_class_follows_its_rating_down_but_that_is_no_achievement() -> None:
    con = played(c=15)
    profile(con, 1, "{}", '{"vfClass":"SIENNA_IV"}')
    assert update(con, 1) == [(1, "vfClass", "SIENNA_IV", "SIENNA_I")]
    assert profiles(con) == [(1, '{"VF6":0.245}', '{"vfClass":"SIENNA_I"}')]
    assert achievements(con) == []


def test_a_derived_class_is_unset_with_its_rating_and_the_profile_stays() -> None:
    con = tables(c=15)
    profile(con, 1, '{"VF6":0.245}', '{"vfClass":"SIENNA_I"}')
    assert update(con, 1) == []
    assert profiles(con) == [(1, '{"VF6":null}', "{}")]


def test_classes_that_are_reached_are_numbered_achievements() -> None:
    con = played(c=15)
    update(con, 1, dans={1: "DAN_3"})
    update(con, 1, dans={1: "DAN_4"})
    assert achievements(con) == [
        (0, "dan", "DAN_3"),
        (1, "vfClass", "SIENNA_I"),
        (2, "dan", "DAN_4"),
    ]


def test_an_unknown_class_value_is_not_taken() -> None:
    con = played(c=15)
    assert update(con, 1, dans={1: "DAN_99"}) == [(1, "vfClass", None, "SIENNA_I")]


def test_deltas_come_in_the_order_of_the_players() -> None:
    con = tables(c=15)
    deltas = update(con, 3, 1, 2, dans={1: "DAN_1", 2: "DAN_2", 3: "DAN_3"})
    assert [player for player, *_ in deltas] == [3, 1, 2]


def test_profiles_of_other_players_stay() -> None:
    con = played(c=15)
    profile(con, 1, "{}", "{}")
    profile(con, 2, '{"VF6":9.9}', "{}")
    update(con, 1)
    assert profiles(con)[1] == (2, '{"VF6":9.9}', "{}")
