"""Quests, and subscribing to them and to goals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data.errors import TachiError
from tachi_data.standings.goals import questline_progress
from tests.standings.goals.goal_world import (
    CHARTS,
    CLEAR,
    NOW,
    goal,
    goal_subs,
    job,
    open_world,
    play,
    played,
    quest,
    quest_subs,
    questline,
)

GOALS = [goal(f"g{n}", CHARTS[n], "lamp", CLEAR) for n in range(4)]


@pytest.fixture
def store(tmp_path: Path) -> td.Store:
    """Two quests that share a goal, and one that lists a goal twice and one that does not exist."""
    quests = [
        quest("q", "g0", "g1"),
        quest("shares", "g1", "g2"),
        quest("twice", "g0", "g0"),
        quest("broken", "g0", "nowhere"),
    ]
    return open_world(str(tmp_path / "s.duckdb"), GOALS, quests)


def test_subscribing_to_a_quest_subscribes_to_its_goals(store: td.Store) -> None:
    play(store, 1, played(0))
    td.subscribe(store, 1, quests=["q"], now=NOW + 1)
    assert quest_subs(store)["q"] == {
        "questID": "q",
        "userID": 1,
        "game": "iidx",
        "playtype": "SP",
        "progress": 1,
        "achieved": False,
        "timeAchieved": None,
        "lastInteraction": None,
        "wasInstantlyAchieved": False,
    }
    subs = goal_subs(store)
    assert {k: (s["achieved"], s["timeAchieved"]) for k, s in subs.items()} == {
        "g0": (True, NOW + 1),
        "g1": (False, None),
    }
    assert not any(s["wasAssignedStandalone"] for s in subs.values())


def test_an_import_completes_a_quest(store: td.Store) -> None:
    td.subscribe(store, 1, quests=["q", "shares"], now=NOW)
    first = play(store, 1, played(0), now=NOW + 1)
    nothing, one = {"progress": 0, "achieved": False}, {"progress": 1, "achieved": False}
    assert first["questInfo"] == [{"questID": "q", "old": nothing, "new": one}]
    second = play(store, 1, played(1), now=NOW + 2)
    both = {"progress": 2, "achieved": True}
    assert sorted(second["questInfo"], key=lambda c: c["questID"]) == [
        {"questID": "q", "old": one, "new": both},
        {"questID": "shares", "old": nothing, "new": one},
    ]
    times = {k: (s["timeAchieved"], s["lastInteraction"]) for k, s in quest_subs(store).items()}
    assert times == {"q": (NOW + 2, NOW + 2), "shares": (None, NOW + 2)}


def test_a_quest_is_not_looked_at_without_a_changed_goal(store: td.Store) -> None:
    td.subscribe(store, 1, quests=["q"], now=NOW)
    play(store, 1, played(0), now=NOW + 1)
    before = quest_subs(store)
    assert play(store, 1, played(0, score=1001), now=NOW + 2)["questInfo"] == []
    assert play(store, 1, played(3), now=NOW + 3)["questInfo"] == []
    assert quest_subs(store) == before


def test_progress_within_a_goal_leaves_the_quest(store: td.Store) -> None:
    """The goal's change is reported; the quest counts achieved goals only."""
    td.subscribe(store, 1, quests=["q"], now=NOW)
    document = play(store, 1, played(0, "FAILED"), now=NOW + 1)
    assert len(document["goalInfo"]) == 1
    assert document["questInfo"] == []
    assert quest_subs(store)["q"]["lastInteraction"] is None


def test_a_quest_can_be_lost_again(store: td.Store) -> None:
    play(store, 1, played(0))
    document = play(store, 1, played(1))
    td.subscribe(store, 1, quests=["q"], now=NOW)
    assert quest_subs(store)["q"]["wasInstantlyAchieved"]
    assert quest_subs(store)["q"]["timeAchieved"] == NOW
    td.revert_import(store, document["importID"], now=NOW + 1)
    subscription = quest_subs(store)["q"]
    assert (subscription["progress"], subscription["achieved"]) == (1, False)
    assert subscription["timeAchieved"] is None
    assert not subscription["wasInstantlyAchieved"]


def test_odd_quests_do_no_harm(store: td.Store) -> None:
    """A goal listed twice counts once, one that does not exist is never achieved."""
    td.subscribe(store, 1, quests=["twice", "broken"], now=NOW)
    document = play(store, 1, played(0), now=NOW + 1)
    new = {c["questID"]: c["new"] for c in document["questInfo"]}
    assert new == {
        "twice": {"progress": 1, "achieved": True},
        "broken": {"progress": 1, "achieved": False},
    }


def test_a_missing_subscription_is_repaired(store: td.Store) -> None:
    td.subscribe(store, 1, quests=["q"], now=NOW)
    play(store, 1, played(1), now=NOW + 1)
    with store.write() as con:
        con.execute("DELETE FROM goal_subs WHERE goal_id = 'g1'")
    play(store, 1, played(0), now=NOW + 2)
    assert quest_subs(store)["q"]["achieved"]
    repaired = goal_subs(store)["g1"]
    assert repaired["wasInstantlyAchieved"]
    assert not repaired["wasAssignedStandalone"]


def test_what_does_not_exist_is_refused(store: td.Store) -> None:
    with pytest.raises(TachiError, match="There is no goal g9"):
        td.subscribe(store, 1, goals=["g0", "g9"], quests=["q"], now=NOW)
    with pytest.raises(TachiError, match="There is no quest q9"):
        td.subscribe(store, 1, quests=["q9"], now=NOW)
    assert goal_subs(store) == {}
    assert quest_subs(store) == {}


def test_a_quest_is_subscribed_to_once(store: td.Store) -> None:
    td.subscribe(store, 1, quests=["q"], now=NOW)
    with pytest.raises(TachiError, match="quest q is subscribed to already"):
        td.subscribe(store, 1, quests=["shares", "q"], now=NOW)
    assert set(quest_subs(store)) == {"q"}


@pytest.mark.parametrize(
    ("before", "standalone", "expected"),
    [
        # What there was (None: nothing, "achieved": nothing, but the score), what comes of it.
        (None, True, True),
        (None, False, False),
        ("achieved", True, "is achieved already"),
        ("achieved", False, False),
        ("quest", True, True),
        ("quest", False, False),
        ("standalone", True, "is subscribed to already"),
        ("standalone", False, True),
    ],
)
def test_the_ways_to_subscribe(
    store: td.Store, before: str | None, standalone: bool, expected: bool | str
) -> None:
    if before == "achieved":
        play(store, 1, played(0))
    if before == "quest":
        td.subscribe(store, 1, quests=["q"], now=NOW)
        # An existing subscription is not evaluated anew, and may be achieved.
        play(store, 1, played(0), now=NOW + 1)
    if before == "standalone":
        td.subscribe(store, 1, goals=["g0"], now=NOW, standalone=True)
    stored = goal_subs(store).get("g0")

    def ask() -> None:
        td.subscribe(store, 1, goals=["g0"], now=NOW + 5, standalone=standalone)

    if isinstance(expected, str):
        with pytest.raises(TachiError, match=expected):
            ask()
        assert goal_subs(store).get("g0") == stored
        return
    ask()
    subscription = goal_subs(store)["g0"]
    assert subscription["wasAssignedStandalone"] is expected
    if stored is not None:
        assert subscription == {**stored, "wasAssignedStandalone": expected}
    assert subscription["wasInstantlyAchieved"] is (before == "achieved")


def test_a_quest_that_is_achieved_already(store: td.Store) -> None:
    play(store, 1, played(0))
    play(store, 1, played(1))
    with pytest.raises(TachiError, match="quest q is achieved already"):
        td.subscribe(store, 1, quests=["q"], now=NOW, standalone=True)
    td.subscribe(store, 1, quests=["q"], now=NOW)
    assert quest_subs(store)["q"]["achieved"]


def test_unsubscribing(store: td.Store) -> None:
    td.subscribe(store, 1, quests=["q", "shares"], goals=["g3"], now=NOW)
    td.subscribe(store, 1, goals=["g0"], now=NOW, standalone=True)
    with pytest.raises(TachiError, match="goal g2 belongs to a quest"):
        td.unsubscribe(store, 1, goals=["g3", "g2"])
    td.unsubscribe(store, 1, quests=["q"])
    # g0 is the player's own wish, g1 is in the other quest too.
    assert set(goal_subs(store)) == {"g0", "g1", "g2", "g3"}
    td.unsubscribe(store, 1, quests=["shares"], goals=["g0"])
    assert set(goal_subs(store)) == {"g3"}
    assert quest_subs(store) == {}
    with pytest.raises(TachiError, match="quest q is not subscribed to"):
        td.unsubscribe(store, 1, quests=["q"])
    with pytest.raises(TachiError, match="goal g0 is not subscribed to"):
        td.unsubscribe(store, 1, goals=["g0"])


def test_unsubscribing_leaves_other_players_alone(store: td.Store) -> None:
    for user in (1, 2):
        td.subscribe(store, user, quests=["q"], now=NOW)
    td.unsubscribe(store, 1, quests=["q"])
    assert (goal_subs(store, 1), quest_subs(store, 1)) == ({}, {})
    assert (set(goal_subs(store, 2)), set(quest_subs(store, 2))) == ({"g0", "g1"}, {"q"})


def test_quests_of_many_players_at_once(store: td.Store) -> None:
    for user in (1, 2, 3):
        td.subscribe(store, user, quests=["q"], now=NOW)
    scores: dict[int, list[dict[str, Any]]] = {
        1: [played(0), played(1)],
        2: [played(1)],
        3: [played(2)],
        4: [played(0), played(1)],
    }
    outcomes = td.import_many(store, [job(u, *s) for u, s in scores.items()], now=NOW + 1)
    progress = [[c["new"]["progress"] for c in o.document["questInfo"]] for o in outcomes]
    assert progress == [[2], [1], [], []]
    stored = {s["userID"]: s["progress"] for s in td.export_documents(store, "questSubs")}
    assert stored == {1: 2, 2: 1, 3: 0}


def test_questlines(store: td.Store) -> None:
    """Progress is that of the subscription; without one, that of the personal bests."""
    lines = [
        questline("line", "twice", "q", "shares"),
        questline("short", "twice"),
    ]
    td.patch_catalogue(store, {"questlines": lines})
    assert questline_progress(store, 1)["progress"].to_list() == [0, 0]
    td.subscribe(store, 1, quests=["q"], now=NOW)
    play(store, 1, played(0), played(2))
    assert questline_progress(store, 1).to_dicts() == [
        {
            "questline_id": "line",
            "name": "line",
            "game": "iidx",
            "progress": 1,
            "out_of": 3,
            "achieved": False,
            "current": "q",
        },
        {
            "questline_id": "short",
            "name": "short",
            "game": "iidx",
            "progress": 1,
            "out_of": 1,
            "achieved": True,
            "current": None,
        },
    ]
    assert questline_progress(store, 2)["progress"].to_list() == [0, 0]
