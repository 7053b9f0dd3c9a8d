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
    assert f"{file}: 3 datapoints, 1 score imported\n" in done.output
    assert "Not imported: 2 datapoints, for 1 reason" in done.output
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
    assert dry.output == "Nothing was changed; 1 score would be deleted.\n"
    assert run(path, "scores", "delete", score_id[:8], "--user", "1").output == "1 score deleted.\n"
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


def test_what_is_missing_is_named_first(path: Path, tmp_path: Path) -> None:
    file = written(tmp_path, score())
    unknown = run(path, "import", file, "--type", "batch-manual")
    assert "Did you mean file/batch-manual" in str(unknown.exception)
    style = run(path, "import", file, "--type", "file/eamusement-iidx-csv")
    assert "add --playtype SP or --playtype DP" in str(style.exception)


def test_a_line_of_a_file_is_named_once(path: Path, tmp_path: Path, sample: Path) -> None:
    """The row of a song has five charts, each a datapoint; the line is the one that an editor shows."""
    file = sample / "imports" / "eamusement-iidx-csv-akari.csv"
    shown = run(
        path, "import", str(file), "--type", "file/eamusement-iidx-csv", "--playtype", "SP"
    ).output
    title = next(line for line in shown.splitlines() if "The catalogue has no song" in line)
    (count, line) = (int(title.split("│")[at]) for at in (1, -2))
    assert count > 1
    wanted = shown.split('"')[1].split()[0]
    assert wanted in file.read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_store_without_the_game_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, score())
    shown = run(tmp_path / "new.duckdb", "import", file, "--type", "file/batch-manual").output
    assert "The store has no catalogue of iidx, so that all scores wait as orphans." in shown


def test_a_run_says_why_orphans_were_rejected(path: Path, tmp_path: Path) -> None:
    new, file = tmp_path / "late.duckdb", written(tmp_path, score(score=9999), score(score=9998))
    run(new, "import", file, "--type", "file/batch-manual", "--user", "1")
    with td.open_store(new) as store:
        td.patch_catalogue(store, SMALL)
    shown = run(new, "orphans", "reprocess").output
    assert "2 were rejected" in shown
    assert " 2  rejected: " in shown
    assert "score: …, the chart allows at most …" in shown
