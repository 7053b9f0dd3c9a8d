"""`verify` finds what was changed behind our back, and repairs exactly that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tachi_data as td

FILES = ("batch-manual-sdvx-akari.json", "batch-manual-iidx-akari.json")


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory,
    sample: Path,
    sample_store: Callable[[Path], td.Store],
) -> Path:
    """Two players with the same files."""
    path = tmp_path_factory.mktemp("played") / "store.duckdb"
    jobs = [
        td.ImportJob("file/batch-manual", sample / "imports" / name, player)
        for name in FILES
        for player in (1, 2)
    ]
    with sample_store(path) as store:
        td.import_many(store, jobs)
    return path


@pytest.fixture
def store(played: Path, tmp_path: Path) -> Iterator[td.Store]:
    with td.open_store(shutil.copy(played, tmp_path / "store.duckdb")) as opened:
        yield opened


def everything(store: td.Store) -> dict[str, list[str]]:
    kinds = ("scores", "pbs", "sessions", "gameStats", "classAchievements")
    return {
        kind: sorted(json.dumps(d, sort_keys=True) for d in td.export_documents(store, kind))
        for kind in kinds
    }


def test_what_imports_leave_is_right(store: td.Store) -> None:
    before = everything(store)
    assert td.verify(store).is_empty()
    assert td.verify(store, recompute=True).is_empty()
    assert td.verify(store, repair=True, recompute=True).is_empty()
    assert everything(store) == before


def test_a_score_that_no_import_would_accept_is_told_with_its_value(store: td.Store) -> None:
    with store.write() as con:
        con.execute("UPDATE scores_sdvx SET score = -1 WHERE user_id = 1")
        con.execute("UPDATE scores_iidx SET lamp = 'SHINY' WHERE user_id = 2")
    found = td.verify(store).filter(problem="impossible")
    assert set(found["game"]) == {"sdvx", "iidx"}
    texts = set(found["stored"])
    assert "score: must be at least 0, got -1" in texts
    assert any(text.endswith('got "SHINY"') for text in texts)


@pytest.mark.parametrize(
    ("change", "kind", "problem"),
    [
        ("UPDATE pbs_sdvx SET score = score + 1 WHERE user_id = 1", "personal best", "differs"),
        ("DELETE FROM pbs_iidx WHERE user_id = 2", "personal best", "missing"),
        (
            "INSERT INTO pbs_sdvx BY NAME SELECT * REPLACE ('gone' AS chart_id) FROM pbs_sdvx LIMIT 1",
            "personal best",
            "superfluous",
        ),
        ("UPDATE sessions SET ratings = '{}' WHERE game = 'iidx'", "session", "differs"),
        ("DELETE FROM sessions WHERE game = 'sdvx'", "session", "missing"),
        (
            "INSERT INTO sessions BY NAME SELECT * REPLACE ('Qx' AS session_id) FROM sessions LIMIT 1",
            "session",
            "superfluous",
        ),
        (
            "UPDATE game_stats SET ratings = '{\"VF6\":99.0}' WHERE game = 'sdvx'",
            "profile",
            "differs",
        ),
    ],
)
def test_a_change_is_found_and_repaired(
    store: td.Store, change: str, kind: str, problem: str
) -> None:
    before = everything(store)
    with store.write() as con:
        con.execute(change)
    found = td.verify(store)
    assert set(found["kind"]) == {kind}
    assert set(found["problem"]) == {problem}
    assert td.verify(store, repair=True).equals(found)
    assert td.verify(store).is_empty()
    after = everything(store)
    for name in ("scores", "pbs", "gameStats"):
        assert after[name] == before[name]
    assert len(after["sessions"]) == len(before["sessions"])


def test_only_the_players_that_are_asked_for(store: td.Store) -> None:
    with store.write() as con:
        con.execute("UPDATE pbs_sdvx SET score = score + 1")
    assert set(td.verify(store, [2])["user_id"]) == {2}
    td.verify(store, [2], repair=True)
    assert set(td.verify(store)["user_id"]) == {1}


def test_scores_follow_a_corrected_chart(store: td.Store, sample: Path) -> None:
    charts = json.loads((sample / "catalogue" / "charts-iidx.json").read_text())
    played = {s["chartID"] for s in td.export_documents(store, "scores") if s["game"] == "iidx"}
    chart = next(c for c in charts if c["chartID"] in played)
    chart["data"]["notecount"] *= 2
    td.patch_catalogue(store, {"charts-iidx": [chart]})
    assert "score" not in set(td.verify(store)["kind"])

    td.verify(store, repair=True, recompute=True)
    scores = td.export_documents(store, "scores")
    mine = [s for s in scores if s["chartID"] == chart["chartID"]]
    assert mine
    for score in mine:
        data = score["scoreData"]
        assert data["percent"] == 100 * data["score"] / (2 * chart["data"]["notecount"])
    pbs = [p for p in td.export_documents(store, "pbs") if p["chartID"] == chart["chartID"]]
    assert {p["scoreData"]["percent"] for p in pbs} <= {s["scoreData"]["percent"] for s in mine}
    assert td.verify(store, recompute=True).is_empty()


def test_what_follows_from_a_changed_chart_is_stale_and_not_wrong(
    store: td.Store, sample: Path
) -> None:
    charts = json.loads((sample / "catalogue" / "charts-sdvx.json").read_text())
    raised = [c | {"level": "19", "levelNum": 19} for c in charts]
    td.patch_catalogue(store, {"charts-sdvx": raised})
    found = td.verify(store)
    assert set(found["problem"]) == {"stale"}
    assert set(found["kind"]) == {"personal best", "profile"}
    assert set(found["game"]) == {"sdvx"}

    with store.write() as con:
        con.execute("UPDATE pbs_iidx SET score = score + 1")
    both = td.verify(store)
    assert both.filter(problem="stale").equals(found)
    assert set(both.filter(problem="differs")["game"]) == {"iidx"}
    assert td.verify(store, repair=True).equals(both)
    assert td.verify(store).is_empty()


def test_a_goal_on_a_folder_that_has_changed_since_is_stale_and_not_wrong(
    store: td.Store, sample: Path
) -> None:
    folders = json.loads((sample / "catalogue" / "folders.json").read_text())
    goals = store.query("FROM goals WHERE game = 'sdvx' AND charts_type = 'folder'")
    td.subscribe(store, 1, goals=goals["goal_id"].to_list())
    assert td.verify(store).is_empty()
    # The folders of sdvx have other charts now.
    moved = [f | {"data": {"level": "17"}} for f in folders if f["game"] == "sdvx"]
    td.patch_catalogue(store, {"folders": moved})
    found = td.verify(store)
    assert set(found.select("kind", "problem").rows()) == {("goal", "stale")}
    td.verify(store, repair=True)
    assert td.verify(store).is_empty()

    source = (sample / "imports" / "batch-manual-sdvx-akari.json").read_bytes()
    td.import_scores(store, "file/batch-manual", source, user_id=1)
    with store.write() as con:
        con.execute("UPDATE goal_subs SET progress = 77")
    assert set(td.verify(store)["problem"]) == {"differs"}
