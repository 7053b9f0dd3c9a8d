"""Goals: how far a player is, and what imports and deletions change of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.standings.goals.goal_world import (
    CHARTS,
    CLEAR,
    EMPTY_FOLDER,
    EX_HARD_CLEAR,
    FOLDER,
    HARD_CLEAR,
    NOW,
    goal,
    goal_subs,
    job,
    open_world,
    play,
    played,
)

FIGURES = ("progress", "progressHuman", "outOf", "outOfHuman", "achieved")


def on_rating(name: str, value: float) -> dict[str, Any]:
    asked = goal("g", FOLDER, name, value)
    return {**asked, "criteria": {**asked["criteria"], "source": "calculated"}}


def figures(subscription: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(subscription[name] for name in FIGURES)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (goal("g", CHARTS[0], "lamp", HARD_CLEAR), (4, "CLEAR (BP: 7)", 5, "HARD CLEAR", False)),
        (goal("g", CHARTS[0], "lamp", CLEAR), (4, "CLEAR (BP: 7)", 4, "CLEAR", True)),
        (goal("g", CHARTS[0], "score", 1500), (1700, "1700", 1500, "1500", True)),
        (goal("g", CHARTS[0], "percent", 90.5), (85, "85.00%", 90.5, "90.50%", False)),
        (goal("g", CHARTS[0], "grade", 7), (6, "AAA-78", 7, "AAA", False)),
        (goal("g", CHARTS[3], "lamp", CLEAR), (None, "NO DATA", 4, "CLEAR", False)),
        (
            goal("g", [CHARTS[0], CHARTS[2]], "lamp", 6),
            (6, "EX HARD CLEAR", 6, "EX HARD CLEAR", True),
        ),
        (goal("g", FOLDER, "lamp", CLEAR), (6, "EX HARD CLEAR", 4, "CLEAR", True)),
        (goal("g", FOLDER, "lamp", 4, mode="absolute", count=3), (2, "2", 3, "3", False)),
        (goal("g", FOLDER, "lamp", 4, mode="proportion", count=0.7), (2, "2", 2, "2", True)),
        # A goal on a rating of the score.
        (on_rating("ktLampRating", 12), (12, "12.00", 12, "12.00", True)),
        (on_rating("ktLampRating", 12.345), (12, "12.00", 12.345, "12.35", False)),
        # No chart has one.
        (on_rating("BPI", 1), (None, "NO DATA", 1, "1.00", False)),
        # A proportion of nothing, and of too little.
        (goal("g", EMPTY_FOLDER, "lamp", 4, mode="proportion", count=0.5), (0, "0", 1, "1", False)),
        (goal("g", FOLDER, "lamp", 7, mode="proportion", count=0.2), (0, "0", 1, "1", False)),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else None,
)
def test_how_far_a_player_is(
    tmp_path: Path, asked: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    """Evaluated when subscribing after an import, and by the import after subscribing."""
    scores = (
        played(0, "CLEAR", 1700, bp=7),
        played(1, "FAILED", 400),
        played(2, "EX HARD CLEAR", 1900),
    )
    after = open_world(str(tmp_path / "after.duckdb"), [asked])
    play(after, 1, *scores)
    td.subscribe(after, 1, goals=["g"], now=NOW)
    assert figures(goal_subs(after)["g"]) == expected

    before = open_world(str(tmp_path / "before.duckdb"), [asked])
    td.subscribe(before, 1, goals=["g"], now=NOW)
    document = play(before, 1, *scores)
    assert figures(goal_subs(before)["g"]) == expected
    changes = {c["goalID"]: figures(c["new"]) for c in document["goalInfo"]}
    assert changes == ({"g": expected} if expected[0] else {})


def test_the_best_of_several_charts_counts(tmp_path: Path) -> None:
    """The greatest value counts, then the better percent, then the smaller chart ID."""
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", FOLDER, "lamp", CLEAR)])
    play(
        store,
        1,
        played(0, "HARD CLEAR", 1500, bp=1),
        played(1, "HARD CLEAR", 1600, bp=2),
        played(2, "HARD CLEAR", 1600, bp=3),
        played(3, "CLEAR", 1999, bp=4),
    )
    td.subscribe(store, 1, goals=["g"], now=NOW)
    assert goal_subs(store)["g"]["progressHuman"] == "HARD CLEAR (BP: 2)"


def test_an_import_reports_what_changed(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", HARD_CLEAR)])
    td.subscribe(store, 1, goals=["g"], now=NOW)
    nothing = {"progress": None, "progressHuman": "NO DATA", "achieved": False}
    asked = {"outOf": 5, "outOfHuman": "HARD CLEAR"}
    reached = {"progress": 6, "progressHuman": "EX HARD CLEAR (BP: 2)", "achieved": True}
    document = play(store, 1, played(0, "EX HARD CLEAR", bp=2), now=NOW + 1)
    assert document["goalInfo"] == [
        {"goalID": "g", "old": {**nothing, **asked}, "new": {**reached, **asked}}
    ]
    assert td.export_documents(store, "imports", user_id=1) == [document | {"skipped": 0}]
    assert goal_subs(store)["g"] == {
        "goalID": "g",
        "userID": 1,
        "game": "iidx",
        "playtype": "SP",
        **reached,
        **asked,
        "timeAchieved": NOW + 1,
        "lastInteraction": NOW + 1,
        "wasInstantlyAchieved": False,
        "wasAssignedStandalone": False,
    }


def test_a_goal_stays_achieved_since_it_was(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", CLEAR)])
    td.subscribe(store, 1, goals=["g"], now=NOW)
    play(store, 1, played(0, "CLEAR"), now=NOW + 1)
    play(store, 1, played(0, "HARD CLEAR"), now=NOW + 2)
    subscription = goal_subs(store)["g"]
    assert (subscription["timeAchieved"], subscription["lastInteraction"]) == (NOW + 1, NOW + 2)


def test_what_is_untouched_or_unchanged_is_not_reported(tmp_path: Path) -> None:
    goals = [goal("g", CHARTS[0], "lamp", CLEAR), goal("other", CHARTS[1], "lamp", CLEAR)]
    store = open_world(str(tmp_path / "s.duckdb"), goals)
    td.subscribe(store, 1, goals=["g", "other"], now=NOW)
    play(store, 1, played(0, "CLEAR"), now=NOW + 1)
    before = goal_subs(store)
    assert play(store, 1, played(0, "CLEAR", 900), now=NOW + 2)["goalInfo"] == []
    assert play(store, 1, played(2, "CLEAR"), now=NOW + 3)["goalInfo"] == []
    assert play(store, 2, played(0, "CLEAR"), now=NOW + 4)["goalInfo"] == []
    assert goal_subs(store) == before


def test_a_better_text_is_stored_but_no_progress(tmp_path: Path) -> None:
    """A change of the texts alone is stored, but not reported."""
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", HARD_CLEAR)])
    td.subscribe(store, 1, goals=["g"], now=NOW)
    play(store, 1, played(0, "CLEAR", bp=20), now=NOW + 1)
    document = play(store, 1, played(0, "CLEAR", 1100, bp=3), now=NOW + 2)
    assert document["goalInfo"] == []
    subscription = goal_subs(store)["g"]
    assert subscription["progressHuman"] == "CLEAR (BP: 3)"
    assert subscription["lastInteraction"] == NOW + 1


def test_a_goal_can_be_lost_again(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", HARD_CLEAR)])
    play(store, 1, played(0, "CLEAR"), now=NOW)
    best = play(store, 1, played(0, "EX HARD CLEAR"), now=NOW + 1)
    td.subscribe(store, 1, goals=["g"], now=NOW + 2)
    assert goal_subs(store)["g"]["wasInstantlyAchieved"]
    td.revert_import(store, best["importID"], now=NOW + 3)
    subscription = goal_subs(store)["g"]
    assert figures(subscription) == (4, "CLEAR", 5, "HARD CLEAR", False)
    assert subscription["timeAchieved"] is None
    assert not subscription["wasInstantlyAchieved"]
    assert subscription["lastInteraction"] == NOW + 3


def test_a_goal_without_any_personal_best_left(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", HARD_CLEAR)])
    document = play(store, 1, played(0, "EX HARD CLEAR"))
    td.subscribe(store, 1, goals=["g"], now=NOW)
    td.revert_import(store, document["importID"], now=NOW + 1)
    assert figures(goal_subs(store)["g"]) == (None, "NO DATA", 5, "HARD CLEAR", False)


def test_a_score_of_zero_has_a_grade_text(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "grade", 9)])
    td.subscribe(store, 1, goals=["g"], now=NOW)
    document = play(store, 1, played(0, "FAILED", 0))
    assert document["goalInfo"][0]["new"]["progressHuman"] == "F+0"


def test_a_goal_that_makes_no_sense_spoils_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [
        goal("metric", CHARTS[0], "charm", 1),
        goal("mode", CHARTS[0], "lamp", 1, mode="sometimes"),
        goal("index", CHARTS[0], "lamp", 99),
        goal("count", FOLDER, "lamp", 1, mode="absolute"),
    ]
    sound = goal("sound", CHARTS[0], "lamp", CLEAR)
    store = open_world(str(tmp_path / "s.duckdb"), [*broken, sound])
    td.subscribe(store, 1, goals=["metric", "mode", "index", "count", "sound"], now=NOW)
    assert set(goal_subs(store)) == {"sound"}
    assert {"metric", "mode", "index", "count"} <= {r.args[0] for r in caplog.records if r.args}
    assert [c["goalID"] for c in play(store, 1, played(0))["goalInfo"]] == ["sound"]


def test_many_players_at_once_equal_one_after_the_other(tmp_path: Path) -> None:
    goals = [
        goal("one", CHARTS[0], "lamp", HARD_CLEAR),
        goal("grade", CHARTS[1], "grade", 7),
        goal("some", [CHARTS[0], CHARTS[1]], "score", 1500),
        goal("count", FOLDER, "lamp", CLEAR, mode="absolute", count=2),
        goal("share", FOLDER, "percent", 75, mode="proportion", count=0.5),
    ]
    ids = [g["goalID"] for g in goals]
    lamps = ("FAILED", "CLEAR", "HARD CLEAR", "EX HARD CLEAR", "FULL COMBO")
    jobs = [
        job(user, *(played(n, lamps[(user * n + n) % 5], 300 * user + 97 * n) for n in range(4)))
        for user in range(1, 7)
    ]
    together = open_world(str(tmp_path / "together.duckdb"), goals)
    apart = open_world(str(tmp_path / "apart.duckdb"), goals)
    for store in (together, apart):
        for user in range(1, 6):
            td.subscribe(store, user, goals=ids[: user + 1], now=NOW)
    at_once = td.import_many(together, jobs, now=NOW + 1)
    in_turn = [td.import_many(apart, [j], now=NOW + 1)[0] for j in jobs]
    for a, b in zip(at_once, in_turn, strict=True):
        assert a.document["goalInfo"] == b.document["goalInfo"]
    assert at_once[0].document["goalInfo"]
    assert at_once[-1].document["goalInfo"] == []
    kinds = [td.export_documents(s, "goalSubs") for s in (together, apart)]
    assert kinds[0] == kinds[1]
    assert {s["achieved"] for s in kinds[0]} == {True, False}


def test_a_dry_run_changes_no_goal(tmp_path: Path) -> None:
    store = open_world(str(tmp_path / "s.duckdb"), [goal("g", CHARTS[0], "lamp", EX_HARD_CLEAR)])
    td.subscribe(store, 1, goals=["g"], now=NOW)
    before = goal_subs(store)
    asked = job(1, played(0, "EX HARD CLEAR"))
    (outcome,) = td.import_many(store, [asked], now=NOW + 1, dry_run=True)
    assert outcome.document["goalInfo"][0]["new"]["achieved"]
    assert goal_subs(store) == before
