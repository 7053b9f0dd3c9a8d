"""``tachi-data goals``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli._shared import State
from tachi_data.cli.goals import app
from tachi_data.errors import TachiError
from tests.standings.goals.goal_world import (
    CHARTS,
    CLEAR,
    goal,
    open_world,
    play,
    played,
    quest,
    questline,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    goals = [goal("g0", CHARTS[0], "lamp", CLEAR), goal("g1", CHARTS[1], "score", 1500)]
    store = open_world(str(tmp_path / "s.duckdb"), goals, [quest("q", "g1")])
    play(store, 1, played(0))
    store.close()
    return tmp_path / "s.duckdb"


def run(path: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, obj=State(path), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_subscribe_list_unsubscribe(path: Path) -> None:
    run(path, "subscribe", "--user", "1", "--quest", "q")
    listed = json.loads(run(path, "list", "--user", "1", "--json"))
    assert [g["goal_id"] for g in listed["goals"]] == ["g1"]
    assert listed["goals"][0]["out_of"] == "1500"
    assert [(q["quest_id"], q["progress"]) for q in listed["quests"]] == [("q", 0)]
    assert "NO DATA" in run(path, "list", "--user", "1")
    run(path, "unsubscribe", "--user", "1", "--quest", "q")
    listed = json.loads(run(path, "list", "--user", "1", "--json"))
    assert listed == {"goals": [], "quests": []}


def test_what_is_achieved_already(path: Path) -> None:
    with pytest.raises(TachiError, match="g0 is achieved already"):
        run(path, "subscribe", "--user", "1", "--goal", "g0")
    run(path, "subscribe", "--user", "1", "--goal", "g0", "--even-achieved")
    assert json.loads(run(path, "list", "--user", "1", "--json"))["goals"][0]["achieved"]


def test_questlines(path: Path) -> None:
    with td.open_store(path) as store:
        td.patch_catalogue(store, {"questlines": [questline("line", "q")]})
    (row,) = json.loads(run(path, "questlines", "--user", "1", "--json"))
    assert (row["progress"], row["out_of"], row["current"]) == (0, 1, "q")
    assert "line" in run(path, "questlines", "--user", "1")
