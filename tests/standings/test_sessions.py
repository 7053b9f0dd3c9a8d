"""Which session new scores join, where several lie near."""

from __future__ import annotations

from typing import Any

import pytest

import tachi_data as td
from tachi_data.store import Store
from tests.catalogue.documents import chart, song
from tests.conftest import Open

HOUR = 3_600_000
START = 1_700_000_000_000
CHART = chart("c", 1, "EXH", playtype="Single", level="15", levelNum=15, versions=["exceed"])


@pytest.fixture
def store(new_store: Open) -> Store:
    return new_store({"songs-sdvx": [song(1, "Song")], "charts-sdvx": [CHART]})


def play(store: Store, *hours: float | None, player: int = 1) -> None:
    scores = [
        {
            "matchType": "tachiSongID",
            "identifier": "1",
            "difficulty": "EXH",
            "score": 9_000_000 + round(100 * (hour or 0)),
            "lamp": "CLEAR",
            "timeAchieved": None if hour is None else START + round(hour * HOUR),
        }
        for hour in hours
    ]
    body = {"meta": {"game": "sdvx", "playtype": "Single", "service": "tests"}, "scores": scores}
    now = START + 1000 * HOUR
    outcome = td.import_scores(store, "ir/direct-manual", body, user_id=player, now=now)
    assert len(outcome.document["scoreIDs"]) == len(hours), outcome.document


def sessions(store: Store, player: int = 1) -> list[tuple[float, float, list[float]]]:
    """Beginning, end and hours of the scores, as they are listed, of each session, oldest first."""
    times = {
        s["scoreID"]: s["timeAchieved"]
        for s in td.export_documents(store, "scores", user_id=player)
    }

    def told(session: dict[str, Any]) -> tuple[float, float, list[float]]:
        bounds = ((session[name] - START) / HOUR for name in ("timeStarted", "timeEnded"))
        return *bounds, [(times[score_id] - START) / HOUR for score_id in session["scoreIDs"]]

    return sorted(map(told, td.export_documents(store, "sessions", user_id=player)))


def test_two_groups_join_one_session_once(store: Store) -> None:
    play(store, 10, 10.5)
    play(store, 8.5, 12)
    assert sessions(store) == [(8.5, 12, [10, 10.5, 8.5, 12])]
    assert td.verify(store).is_empty()


def test_one_group_joins_the_nearest_of_two(store: Store) -> None:
    play(store, 10, 13)
    play(store, 11.75)
    assert sessions(store) == [(10, 10, [10]), (11.75, 13, [13, 11.75])]


def test_of_two_that_are_as_near_it_is_the_earlier(store: Store) -> None:
    play(store, 10, 13)
    play(store, 11.5)
    assert sessions(store) == [(10, 11.5, [10, 11.5]), (13, 13, [13])]


def test_exactly_two_hours_are_too_far(store: Store) -> None:
    play(store, 10)
    play(store, 12, 8)
    assert sessions(store) == [(8, 8, [8]), (10, 10, [10]), (12, 12, [12])]


def test_a_session_that_lost_its_scores_is_joined(store: Store) -> None:
    play(store, 10)
    with store.write() as con:
        con.execute("DELETE FROM scores_sdvx")
    play(store, 11)
    assert sessions(store) == [(10, 11, [11])]


def test_sessions_of_another_player_are_not_joined(store: Store) -> None:
    play(store, 10)
    play(store, 11, player=2)
    assert sessions(store) == [(10, 10, [10])]
    assert sessions(store, player=2) == [(11, 11, [11])]


def test_a_score_without_a_time_is_in_no_session(store: Store) -> None:
    play(store, None)
    assert sessions(store) == []
    (pb,) = td.export_documents(store, "pbs", user_id=1)
    assert len(pb["composedFrom"]) == 1
    assert td.verify(store).is_empty()
