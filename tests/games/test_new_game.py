"""A game that was just written goes the whole way: one with nothing but a score, one with everything.

The modules are those of ``new_games/``, copied to a folder of their own as an author's would be; each goes
through every step of `tests.games.newcomer`, in a process of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
GAMES = sorted(path.stem for path in (HERE / "new_games").glob("*.py"))
SAW: dict[str, Any] = {
    "dry_run": ["ScoreImported", 0],
    "match_types": ["chart-1"],
    "first_import": ["ScoreImported", "SongOrChartNotFound", "InvalidDatapoint"],
    "second_import": ["ScoreImported", "Skipped"],
    "orphans": [1, 1, 0],
    "triaged": [["First"], 1, True],
    "verify": [],
    "query": [[700_000, 800_000, 950_000], 3],
    "explore": [True, [2, 3]],
    "revert": [2, []],
}


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=GAMES)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The game, and what every step saw."""
    game: str = request.param
    folder = tmp_path_factory.mktemp(game)
    shutil.copy(HERE / "new_games" / f"{game}.py", folder)
    command = [sys.executable, "-m", "tests.games.newcomer", str(folder), game]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])
    assert run.returncode == 0, run.stderr
    return game, json.loads(run.stdout)


def seen(life: Any, step: str) -> Any:
    """What a step saw; fails with the traceback where it broke."""
    _, steps = life
    assert "broke" not in steps[step], steps[step]["broke"]
    return steps[step]["saw"]


@pytest.mark.parametrize("step", SAW)
def test_a_new_game_goes_every_step(life: Any, step: str) -> None:
    assert seen(life, step) == SAW[step]


def test_every_step_is_looked_at(life: Any) -> None:
    assert set(life[1]) == {*SAW, "aliases", "goals", "export"}


def test_goals_show_the_metric_as_declared(life: Any) -> None:
    texts = {"plain": ["950000", "900000"], "lavish": ["950,000", "900,000"]}
    assert seen(life, "goals") == [True, *texts[life[0]]]


def test_difficulties_have_the_names_that_the_game_declares(life: Any) -> None:
    found = [
        ["ScoreImported", "chart-1", None],
        ["InvalidDatapoint", None, "WILD charts are not supported."],
    ]
    assert seen(life, "aliases") == {"plain": [], "lavish": found}[life[0]]


def test_every_kind_of_document_has_what_the_game_has(life: Any) -> None:
    game, _ = life
    export = seen(life, "export")
    score, best = export["scores"][0], export["pbs"][0]
    (profile,) = export["gameStats"]
    if game == "plain":
        nothing = {"judgements": {}, "optional": {"enumIndexes": {}}, "enumIndexes": {}}
        assert score["scoreData"] == {"score": 800_000, **nothing}
        assert (score["calculatedData"], best["calculatedData"]) == ({}, {})
        assert (profile["ratings"], profile["classes"]) == ({}, {})
        assert export["sessions"][0]["calculatedData"] == {}
        assert export["classAchievements"] == []
    else:
        data = score["scoreData"]
        assert (data["percent"], data["grade"], data["judgements"]) == (80.0, "A", {"good": 3})
        assert data["optional"]["gauges"] == [0, 50.5]
        assert (score["calculatedData"], best["calculatedData"]) == (
            {"power": 5.6},
            {"power": 6.65},
        )
        assert profile["ratings"] == {"power": 5.775, "springs": 2.0}
        assert profile["classes"] == {"dan": "FIRST", "colour": "RED"}
        reached = [(e["classSet"], e["classValue"]) for e in export["classAchievements"]]
        assert reached == [("dan", "FIRST"), ("colour", "WHITE"), ("colour", "RED")]
    assert len(export["scores"]) == 3
    assert len(export["orphans"]) == 1
    assert len(export["goalSubs"]) == 1
