"""``tachi-data store locks``."""

import json
from pathlib import Path

from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app
from tachi_data.players.locks import acquire


def run(store: Path, *command: str) -> str:
    result = CliRunner().invoke(app, ["--store", str(store), "store", "locks", *command])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_locks_are_shown_and_freed(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    with td.open_store(path) as store, store.write() as con:
        assert acquire([7, 8], "a dead one", con) == {7, 8}
    shown = json.loads(run(path, "--json"))
    assert [(row["user_id"], row["holder"], row["is_held"]) for row in shown] == [
        (7, "a dead one", True),
        (8, "a dead one", True),
    ]
    assert [row["user_id"] for row in json.loads(run(path, "--json", "--free", "7"))] == [8]
    with td.open_store(path) as store, store.write() as con:
        assert acquire([7], "the next one", con) == {7}
