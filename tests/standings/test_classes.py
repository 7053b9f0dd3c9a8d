"""Classes that a player reaches outside of an import."""

from __future__ import annotations

import pytest

import tachi_data as td
from tachi_data.standings.classes import raise_class
from tests.conftest import Open


@pytest.fixture
def store(new_store: Open) -> td.Store:
    return new_store({})


def raised(store: td.Store, value: str, player: int = 1) -> bool:
    return raise_class(store, player, "iidx", "DP", "dan", value)


def classes(store: td.Store) -> dict[tuple[int, str], dict[str, str]]:
    return {
        (s["userID"], s["playtype"]): s["classes"] for s in td.export_documents(store, "gameStats")
    }


def test_a_first_class_makes_a_player_with_a_profile(store: td.Store) -> None:
    assert raised(store, "DAN_5", player=7)
    assert classes(store) == {(7, "DP"): {"dan": "DAN_5"}}
    assert store.query("FROM users")["user_id"].to_list() == [7]


def test_a_better_class_is_an_achievement_from_the_one_before(store: td.Store) -> None:
    raised(store, "DAN_5")
    assert raised(store, "CHUUDEN")
    made = td.export_documents(store, "classAchievements", user_id=1)
    assert [(a["classOldValue"], a["classValue"]) for a in made] == [
        (None, "DAN_5"),
        ("DAN_5", "CHUUDEN"),
    ]


@pytest.mark.parametrize("value", ["DAN_5", "DAN_4"])
def test_an_equal_or_worse_class_changes_nothing(store: td.Store, value: str) -> None:
    raised(store, "DAN_5")
    assert not raised(store, value)
    assert classes(store) == {(1, "DP"): {"dan": "DAN_5"}}
