"""Each kind of document, of one player and of all, from a store with two players and few rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import tachi_data as td
from tachi_data.exporting import COLLECTIONS
from tachi_data.standings.classes import raise_class
from tests.catalogue.documents import SMALL, chart, song
from tests.import_types.bodies import oraja
from tests.importing.world import NOW, job, score

HOUR = 3_600_000
SDVX = chart("v", 1, "EXH", playtype="Single", level="15", levelNum=15, versions=["exceed"])
EACH = {
    "scores": (3, 2),
    "pbs": (3, 1),
    "sessions": (1, 1),
    "gameStats": (2, 1),
    "classAchievements": (2, 1),
    "orphans": (3, 1),
    "imports": (3, 3),
    "goalSubs": (1, 1),
    "questSubs": (0, 1),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    """Player 1 plays two games; player 2 plays one chart better, twice, and two have an unknown chart."""
    with td.open_store(tmp_path_factory.mktemp("exporting") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL | {"songs-sdvx": [song(1, "V")], "charts-sdvx": [SDVX]})
        first = job(
            score(timeAchieved=NOW),
            score("Étude", difficulty="HYPER"),
            score("Nowhere"),
            score("Nothing"),
        )
        meta = {"game": "sdvx", "playtype": "Single", "service": "test"}
        sdvx = score("V", difficulty="EXH", score=9_000_000)
        other = td.ImportJob("file/batch-manual", as_bytes(meta, sdvx), 1)
        better = job(score(score=1600, timeAchieved=NOW), user_id=2)
        again = job(score(score=1550, timeAchieved=NOW + HOUR), user_id=2)
        for number, one in enumerate((first, other, better, again)):
            td.import_many(opened, [one], now=NOW + 10 * HOUR + number)
        raise_class(opened, 1, "iidx", "SP", "dan", "DAN_5")
        raise_class(opened, 2, "iidx", "SP", "dan", "DAN_6")
        td.subscribe(opened, 1, goals=["G1"], now=NOW)
        td.subscribe(opened, 2, quests=["Q1"], now=NOW)
        for player in (2, 1):
            td.import_scores(opened, "ir/beatoraja", oraja(), user_id=player, now=NOW)
        yield opened


def as_bytes(meta: dict[str, Any], *scores: dict[str, Any]) -> bytes:
    return json.dumps({"meta": meta, "scores": scores}).encode()


def of(store: td.Store, kind: str, player: int | None = None) -> list[dict[str, Any]]:
    return td.export_documents(store, kind, user_id=player)


@pytest.mark.parametrize("kind", EACH)
def test_each_player_has_their_own_documents(store: td.Store, kind: str) -> None:
    for player, count in enumerate(EACH[kind], start=1):
        found = of(store, kind, player)
        assert [d["userID"] for d in found] == [player] * count
    assert len(of(store, kind)) == sum(EACH[kind])


@pytest.mark.parametrize("kind", EACH)
def test_a_player_who_is_unknown_has_no_documents(store: td.Store, kind: str) -> None:
    assert of(store, kind, 9) == []


def test_every_kind_is_tested() -> None:
    assert set(EACH) | {"chartQueue"} == set(COLLECTIONS)


def test_an_unknown_kind_is_refused_with_those_there_are(store: td.Store) -> None:
    with pytest.raises(td.TachiError, match=r"'nonsense'.*scores, pbs, .*chartQueue"):
        of(store, "nonsense")


def test_scores_stand_by_game_and_within_it_in_the_order_they_were_stored(store: td.Store) -> None:
    found = [(d["game"], d["chartID"], d["scoreData"]["score"]) for d in of(store, "scores")]
    assert found == [
        ("iidx", "c1", 1500),
        ("iidx", "c2", 1500),
        ("iidx", "c1", 1600),
        ("iidx", "c1", 1550),
        ("sdvx", "v", 9_000_000),
    ]


def test_scores_know_their_import(store: td.Store) -> None:
    assert {d["importID"] for d in of(store, "scores")} == {
        d["importID"] for d in of(store, "imports") if d["scoreIDs"]
    }


def test_a_rank_counts_all_players_even_where_one_is_asked_for(store: td.Store) -> None:
    ranks = {
        player: {d["chartID"]: d["rankingData"] for d in of(store, "pbs", player)}
        for player in (1, 2)
    }
    assert ranks[1]["c1"] == {"rank": 2, "outOf": 2, "rivalRank": None}
    assert ranks[2]["c1"] == {"rank": 1, "outOf": 2, "rivalRank": None}
    assert ranks[1]["c2"] == {"rank": 1, "outOf": 1, "rivalRank": None}


def test_a_session_lists_its_scores_in_their_places(store: td.Store) -> None:
    (session,) = of(store, "sessions", 2)
    times = {d["scoreID"]: d["timeAchieved"] for d in of(store, "scores", 2)}
    assert [times[score_id] - NOW for score_id in session["scoreIDs"]] == [0, HOUR]
    assert session["timeEnded"] - session["timeStarted"] == HOUR


def test_profiles_have_ratings_and_classes_by_game(store: td.Store) -> None:
    found = {d["game"]: d for d in of(store, "gameStats", 1)}
    assert found["iidx"]["classes"] == {"dan": "DAN_5"}
    assert found["sdvx"]["ratings"] == {"VF6": 0.245}


def test_class_achievements_stand_in_the_order_they_were_made(store: td.Store) -> None:
    found = [(d["userID"], d["classSet"], d["classValue"]) for d in of(store, "classAchievements")]
    assert found == [(1, "vfClass", "SIENNA_I"), (1, "dan", "DAN_5"), (2, "dan", "DAN_6")]


def test_orphans_stand_in_the_order_of_their_records(store: td.Store) -> None:
    found = [(d["userID"], d["game"], d["data"].get("identifier")) for d in of(store, "orphans")]
    assert found == [
        (1, "iidx", "Nowhere"),
        (1, "iidx", "Nothing"),
        (2, "bms", None),
        (1, "bms", None),
    ]


def test_imports_have_their_score_ids_and_errors(store: td.Store) -> None:
    first = next(d for d in of(store, "imports", 1) if d["errors"])
    stored = [d["scoreID"] for d in of(store, "scores", 1) if d["game"] == "iidx"]
    assert first["scoreIDs"] == stored
    assert [e["type"] for e in first["errors"]] == ["SongOrChartNotFound"] * 2


def test_subscriptions_are_sorted_by_player_and_goal(store: td.Store) -> None:
    assert [(d["userID"], d["goalID"]) for d in of(store, "goalSubs")] == [(1, "G1"), (2, "G1")]
    (quest,) = of(store, "questSubs")
    assert (quest["userID"], quest["questID"], quest["achieved"]) == (2, "Q1", False)


def test_a_chart_in_the_queue_belongs_to_nobody(store: td.Store) -> None:
    (waiting,) = of(store, "chartQueue")
    assert waiting["userIDs"] == [2, 1]
    assert of(store, "chartQueue", 9) == [waiting]


def test_a_player_of_two_playtypes_has_the_personal_bests_of_both(store: td.Store) -> None:
    counted = pl.DataFrame(of(store, "pbs")).group_by("game", "playtype").len().sort("game")
    assert counted.rows() == [("iidx", "SP", 3), ("sdvx", "Single", 1)]
