"""Sessions, personal bests and profiles after scores went or changed behind them."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

from tachi_data.standings.refresh import drop_sessions, refresh, refresh_sessions
from tachi_data.store import insert
from tests.standings.tables import at, moment, rows_of, store_scores, tables

THREE = (
    {"score_id": "early", "session_id": "Q1", "hour": 1, "ratings.vf6": 0.1},
    {"score_id": "late", "session_id": "Q1", "hour": 2, "ratings.vf6": 0.3, "score": 9_200_000},
    {"score_id": "other", "session_id": "Q2", "hour": 9, "ratings.vf6": 0.2, "user_id": 2},
)
TOUCHED = ("user_id", "playtype", "chart_id", "session_id")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Three scores in two sessions of two players, and all that follows from them."""
    con = tables(c=15)
    stored = store_scores(con, *THREE)
    ids = pl.DataFrame({"session_id": ["Q1", "Q2"], "user_id": [1, 2], "playtype": "Single"})
    bounds = {"time_started": moment(0), "time_ended": moment(24)}
    insert(con, "sessions", ids.with_columns(**bounds, game=pl.lit("sdvx"), ratings=pl.lit("{}")))
    refresh(stored.select(TOUCHED), "sdvx", at(con))
    return con


def lose(con: duckdb.DuckDBPyConnection, *score_ids: str) -> pl.DataFrame:
    """Delete scores and nothing else; returns what they touched."""
    wanted = pl.col("score_id").is_in(score_ids)
    touched = con.table("scores_sdvx").pl().filter(wanted).select(TOUCHED)
    con.execute("DELETE FROM scores_sdvx WHERE list_contains($1, score_id)", [list(score_ids)])
    return touched


def sessions(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """ID, hours of the bounds, and ratings."""
    start = pl.select(moment(0)).item()
    rows = rows_of(con, "sessions", "session_id", "time_started", "time_ended", "ratings")
    return [
        (name, *((t - start).total_seconds() / 3600 for t in bounds), ratings)
        for name, *bounds, ratings in rows
    ]


def test_sessions_reach_from_their_first_score_to_their_last(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert [row[:3] for row in sessions(con)] == [("Q1", 1, 2), ("Q2", 9, 9)]


def test_a_session_shrinks_with_a_score_that_goes(con: duckdb.DuckDBPyConnection) -> None:
    refresh_sessions(lose(con, "late"), "sdvx", con)
    assert [row[:3] for row in sessions(con)] == [("Q1", 1, 1), ("Q2", 9, 9)]


def test_a_session_is_rated_from_the_scores_that_remain(con: duckdb.DuckDBPyConnection) -> None:
    usual = {"session_id": "Q1", "hour": 1, "ratings.vf6": 0.1}
    store_scores(con, *(usual | {"score_id": f"more-{n}"} for n in range(9)))
    refresh_sessions(con.table("scores_sdvx").pl().select(TOUCHED), "sdvx", con)
    # The mean of the best ten, times fifty; fewer than ten have no rating.
    assert sessions(con)[0][3] == '{"ProfileVF6":6.0}'
    refresh_sessions(lose(con, "late"), "sdvx", con)
    assert sessions(con)[0][3] == '{"ProfileVF6":5.0}'
    refresh_sessions(lose(con, "early"), "sdvx", con)
    assert sessions(con)[0][3] == '{"ProfileVF6":null}'


def test_a_session_without_scores_goes(con: duckdb.DuckDBPyConnection) -> None:
    refresh_sessions(lose(con, "early", "late"), "sdvx", con)
    assert [name for name, *_ in sessions(con)] == ["Q2"]


def test_a_session_of_that_name_of_another_player_stays(con: duckdb.DuckDBPyConnection) -> None:
    drop_sessions(pl.DataFrame({"session_id": ["Q1"], "user_id": [2]}), con)
    assert [name for name, *_ in sessions(con)] == ["Q1", "Q2"]


def test_personal_bests_fall_back_to_the_scores_that_remain(con: duckdb.DuckDBPyConnection) -> None:
    refresh(lose(con, "late"), "sdvx", at(con))
    assert rows_of(con, "pbs_sdvx", "user_id", "score") == [(1, 9_000_000), (2, 9_000_000)]


def test_profiles_follow_the_personal_bests(con: duckdb.DuckDBPyConnection) -> None:
    before = rows_of(con, "game_stats", "user_id", "ratings")
    refresh(lose(con, "late"), "sdvx", at(con))
    after = rows_of(con, "game_stats", "user_id", "ratings")
    assert before == [(1, '{"VF6":0.251}'), (2, '{"VF6":0.245}')]
    assert after == [(1, '{"VF6":0.245}'), (2, '{"VF6":0.245}')]


def test_a_profile_outlives_its_scores_without_a_rating(con: duckdb.DuckDBPyConnection) -> None:
    refresh(lose(con, "early", "late"), "sdvx", at(con))
    assert rows_of(con, "pbs_sdvx", "user_id") == [(2,)]
    assert rows_of(con, "game_stats", "user_id", "ratings")[0] == (1, '{"VF6":null}')
