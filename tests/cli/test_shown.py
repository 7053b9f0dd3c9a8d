"""What people see in a terminal: whole IDs at any width, whose scores they are, and prefixes of IDs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import tachi_data as td
from tachi_data.cli import app
from tests.catalogue.documents import SMALL
from tests.importing.world import score

META = {"game": "iidx", "playtype": "SP", "service": "test"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.duckdb"
    with td.open_store(path) as store:
        td.patch_catalogue(store, SMALL)
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--store", str(path), *words])


def written(folder: Path, *plays: dict[str, object]) -> str:
    file = folder / "plays.json"
    file.write_text(json.dumps({"meta": META, "scores": list(plays)}), encoding="utf-8")
    return str(file)


def test_it_says_whose_scores_they_are_or_asks(path: Path, tmp_path: Path) -> None:
    file = written(tmp_path, score())
    done = run(path, "import", file, "--type", "file/batch-manual")
    assert "No --user is given: the scores are of player 1." in done.output
    run(path, "import", file, "--type", "file/batch-manual", "--user", "2")
    asked = run(path, "import", file, "--type", "file/batch-manual")
    assert asked.exit_code != 0
    assert "Whose scores are these? The store has several players (1, 2" in str(asked.exception)


@pytest.mark.parametrize("width", ["40", "80", "140", "300"])
def test_an_id_is_whole_at_any_width(
    path: Path, tmp_path: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    file = written(tmp_path, score(), score("Nowhere"), score("Nowhere", score=3))
    done = run(path, "import", file, "--type", "file/batch-manual", "--user", "1")
    assert f"{file}: 3 datapoints, 1 scores imported\n" in done.output
    assert "Not imported: 2 datapoints, for 1 reasons" in done.output
    with td.open_store(path) as store:
        ids = store.query("SELECT import_id FROM imports UNION SELECT orphan_id FROM orphans")
        (score_id,) = td.scores(store)["score_id"]
    shown = "".join(
        run(path, *command).output
        for command in (("imports", "list"), ("orphans", "list"), ("scores", "list"))
    )
    assert [one for one in (*ids["import_id"], score_id) if one not in shown] == []


def test_the_beginning_of_an_id_is_enough(path: Path, tmp_path: Path) -> None:
    file = written(tmp_path, score())
    run(path, "import", file, "--type", "file/batch-manual", "--user", "1")
    with td.open_store(path) as store:
        import_id = store.query("SELECT import_id FROM imports").item()
        (score_id,) = td.scores(store)["score_id"]
    shown = json.loads(run(path, "imports", "show", import_id[:6], "--json").output)
    assert shown["importID"] == import_id
    dry = run(path, "scores", "delete", score_id[:8], "--user", "1", "--dry-run")
    assert dry.output == "Nothing was changed; 1 scores would be deleted.\n"
    assert (
        run(path, "scores", "delete", score_id[:8], "--user", "1").output == "1 scores deleted.\n"
    )
    gone = run(path, "scores", "delete", score_id[:8], "--user", "1")
    assert str(gone.exception) == "Player 1 has none of these scores."


def test_several_ids_with_one_beginning_are_named(path: Path, tmp_path: Path) -> None:
    for points in (1, 2):
        file = written(tmp_path, score(score=points))
        run(path, "import", file, "--type", "file/batch-manual", "--user", "1")
    told = run(path, "imports", "show", "")
    assert str(told.exception).startswith("Several IDs of imports begin with ''")


def test_failed_datapoints_go_into_a_spreadsheet(path: Path, tmp_path: Path) -> None:
    file = written(tmp_path, score("=1+1"))
    run(path, "import", file, "--type", "file/batch-manual", "--user", "1")
    target = tmp_path / "failed.csv"
    done = run(path, "imports", "show", "", "--csv", str(target))
    assert done.exit_code == 0, done.output
    text = target.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "row,line,outcome,message,data"
    assert 'The catalogue has no song ""=1+1"".' in text
