"""``tachi-data orphans``: from a score on an unknown title to a patch of the catalogue, and to a score."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app


class Shell:
    """The command on a store in which one title is misspelt, and one unknown."""

    def __init__(self, folder: Path, sample: Path) -> None:
        self.path, self.collections = folder / "store.duckdb", folder / "collections"
        shutil.copytree(sample / "catalogue", self.collections)
        with td.open_store(self.path) as store:
            td.load_catalogue(store, self.collections, games=["sdvx"])
            title, difficulty = store.query(
                "SELECT title, difficulty FROM songs JOIN charts USING (game, song_id) "
                "WHERE game = 'sdvx' AND len(title) > 9 ORDER BY song_id, chart_id"
            ).row(0)
            self.title = f"{title[:4]}  {title[4:]}"
            score = {
                "matchType": "songTitle",
                "difficulty": difficulty,
                "score": 1,
                "lamp": "FAILED",
            }
            names = (self.title, "Utterly Unknown 77")
            body = {
                "meta": {"game": "sdvx", "playtype": "Single", "service": "tests"},
                "scores": [score | {"identifier": name} for name in names],
            }
            outcome = td.import_scores(store, "ir/direct-manual", body, user_id=1)
            self.orphan_ids = outcome.datapoints["orphan_id"].to_list()

    def run(self, *arguments: str) -> str:
        result = CliRunner().invoke(app, ["--store", str(self.path), "orphans", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture
def shell(tmp_path: Path, sample: Path) -> Shell:
    return Shell(tmp_path, sample)


def test_from_a_misspelt_title_to_a_score(shell: Shell, tmp_path: Path) -> None:
    groups = shell.json("triage")
    assert {g["looked_for"]: g["reason"] for g in groups} == {
        shell.title: "differs only in white space",
        "Utterly Unknown 77": "unknown song",
    }
    assert shell.json("triage", "--what-if", str(shell.collections))["run"]["success"] == 0
    patch = shell.json("triage", "--write-patch", str(shell.collections))
    assert [row["outcome"] for row in patch["rows"]] == ["written"]
    assert patch["files"] == [str(shell.collections / "songs-sdvx.json")]
    found = shell.json("triage", "--what-if", str(shell.collections))
    assert [(row["looked_for"], row["scores"]) for row in found["rows"]] == [(shell.title, 1)]
    assert shell.json("status")["waiting"] == 2
    with td.open_store(shell.path) as store:
        td.load_catalogue(store, shell.collections, games=["sdvx"])
    assert shell.json("reprocess", "--changed")["success"] == 1
    assert shell.json("status")["waiting"] == 1


def test_accepted_rows_come_from_a_file(shell: Shell, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.json"
    row = shell.json("triage")[0] | {"looked_for": "Utterly Unknown 77", "suggested_song_id": 1}
    accepted.write_text(json.dumps([row]))
    command = ("triage", "--write-patch", str(shell.collections), "--accept", str(accepted))
    assert "Utterly Unknown 77" in shell.run(*command)
    songs = json.loads((shell.collections / "songs-sdvx.json").read_text())
    assert [s["id"] for s in songs if "Utterly Unknown 77" in s["altTitles"]] == [1]
    accepted.write_text('{"rows": []')
    result = CliRunner().invoke(app, ["--store", str(shell.path), "orphans", *command])
    assert result.exit_code != 0


def test_the_story_of_one(shell: Shell) -> None:
    told = shell.json("explain", shell.orphan_ids[0])
    assert told["lookedFor"]["song_exact"] == shell.title
    assert told["suggestions"][0]["differs_in"] == "white space"
    shown = shell.run("explain", shell.orphan_ids[0])
    assert "Tried now, it would stay" in shown
    assert "Similar titles" in shown


def test_people_get_tables(shell: Shell) -> None:
    assert "waiting" in shell.run("status")
    assert "orphans tried" in shell.run("reprocess", "--due")
    assert "would become scores" in shell.run("triage", "--what-if", str(shell.collections))
