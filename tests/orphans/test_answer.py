"""The one answer about orphans: every orphan is in one state, and the next command follows from the states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app
from tests.catalogue.documents import SMALL
from tests.importing.world import NOW, job, score

WAITING = {
    "due": [score("New song", difficulty="HYPER")],
    "spelling": [score("ÉTUDE!", difficulty="HYPER"), score("Etude?", difficulty="HYPER")],
    "unknown chart": [score("Étude", difficulty="LEGGENDARIA")],
    "unknown song": [score(f"Nowhere {number}", difficulty="HYPER") for number in (1, 2, 3)],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    with td.open_store(tmp_path_factory.mktemp("answer") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL)
        td.import_many(
            opened, [job(*(play for plays in WAITING.values() for play in plays))], now=NOW
        )
        elsewhere = {
            "importType": "ir/direct-manual",
            "userID": 2,
            "game": "museca",
            "data": {"matchType": "songTitle", "identifier": "X", "score": 1, "lamp": "CLEAR"},
            "context": {"game": "museca", "playtype": "Single", "service": "old", "version": None},
        }
        path = Path(str(opened.path)).with_name("orphans.ndjson")
        path.write_text(json.dumps(elsewhere) + "\n", encoding="utf-8")
        td.ingest_orphans(opened, path)
        songs = [
            song | {"altTitles": ["New song"]}
            for song in SMALL["songs-iidx"]
            if song["title"] == "Étude"
        ]
        td.patch_catalogue(opened, {"songs-iidx": songs})
        yield opened


def test_every_orphan_is_in_one_state(store: td.Store) -> None:
    answer = td.why_orphans(store)
    assert answer.counts() == {state: len(plays) for state, plays in WAITING.items()} | {
        "no catalogue": 1
    }
    assert sum(answer.counts().values()) == answer.total == store.query("FROM orphans").height
    assert list(answer.counts())[:2] == ["due", "no catalogue"], (
        "in the order of what is done first"
    )
    assert td.why_orphans(store, "museca").counts() == {"no catalogue": 1}
    assert td.why_orphans(store, user_id=2).counts() == {"no catalogue": 1}
    assert td.why_orphans(store, user_id=1).total == answer.total - 1
    assert td.why_orphans(store, "iidx", user_id=2).total == 0


def test_those_that_wait_only_for_a_run_become_scores_in_it(
    store: td.Store, tmp_path: Path
) -> None:
    with td.open_store(tmp_path / "other.duckdb") as other:
        td.copy_store(store, other)
        due = td.why_orphans(other).counts()["due"]
        done = td.reprocess_orphans(other, now=NOW)
        assert done.success + done.removed == due == 1
        assert "due" not in td.why_orphans(other).counts()
        assert td.why_orphans(other).next_command == "tachi-data catalogue load FOLDER"


def test_the_answer_is_the_same_for_every_reader(store: td.Store) -> None:
    answer = td.why_orphans(store)
    assert str(answer).startswith("8 orphans wait:\n         1  wait only for a run (iidx 1)")
    assert 'Most looked for: "Etude?" (iidx, 1)' in str(answer)
    assert str(answer).endswith("Next: tachi-data orphans reprocess")
    shown = CliRunner().invoke(app, ["--store", str(store.path), "orphans", "why"])
    assert shown.output == f"{answer}\n"
    told = CliRunner().invoke(app, ["--store", str(store.path), "orphans", "why", "--json"])
    assert json.loads(told.output)["orphans"] == 8
    assert "Etude?&quot;" in answer._repr_html_()


def test_nothing_waits(tmp_path: Path) -> None:
    with td.open_store(tmp_path / "empty.duckdb") as empty:
        answer = td.why_orphans(empty)
    assert (str(answer), answer.next_command) == ("No orphan waits.", None)
