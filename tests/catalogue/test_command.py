"""``tachi-data catalogue``: what a person sees."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from tachi_data.cli import app
from tests.catalogue import documents as v2
from tests.catalogue import v3_documents as v3
from tests.catalogue.documents import write


def _run(store: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["--store", str(store), "catalogue", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_store_is_looked_at_moved_and_shown(tmp_path: Path) -> None:
    store, old, new = tmp_path / "store.duckdb", tmp_path / "v2", tmp_path / "v3"
    _run(store, "load", str(write(old, v2.SMALL)))
    would = json.loads(_run(store, "diff", str(write(new, v3.SMALL)), "--json"))
    assert (would["isStored"], would["generation"], would["movedFrom"]) == (False, 3, 2)
    assert [row["generation"] for row in json.loads(_run(store, "status", "--json"))] == [2]
    assert "is now of the form v3, after v2" in _run(store, "load", str(new))
    assert [row["generation"] for row in json.loads(_run(store, "status", "--json"))] == [3]
    refused = CliRunner().invoke(app, ["--store", str(store), "catalogue", "load", str(old)])
    assert refused.exit_code != 0
