"""An accepted import is done once, also if its worker is silent for so long that another one takes it on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.backlog import queue
from tachi_data.importing import ImportJob

META = {"game": "iidx", "playtype": "SP", "service": "tests"}
DOCUMENT = json.dumps({"meta": META, "scores": []}).encode()


def accepted(store: td.Store, spool: Path) -> str:
    job = ImportJob("file/batch-manual", DOCUMENT, 7)
    queue.accept(store, spool, job)
    return job.import_id


def test_a_worker_that_lost_its_import_does_not_do_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    with td.open_store(tmp_path / "store.duckdb") as store:
        import_id = accepted(store, spool)
        run, calls = queue.run, list[str]()

        def slow(store: td.Store, folder: Path, jobs: list[ImportJob]) -> list[td.ImportOutcome]:
            """Another worker takes the import on, and does it, before this one goes on."""
            calls.append("slow")
            if len(calls) == 1:
                with store.write() as con:
                    con.execute("UPDATE import_trackers SET heartbeat = TIMESTAMP '2000-01-01'")
                queue.work(store, folder)
            return run(store, folder, jobs)

        monkeypatch.setattr(queue, "run", slow)
        queue.work(store, spool)
        assert calls == ["slow", "slow"]
        documents = td.export_documents(store, "imports")
        assert [d["importID"] for d in documents] == [import_id]
        assert not queue.is_unfinished(store)
        found = queue.state(store, import_id)
        assert found is not None
        assert found["status"] == "completed"
        assert not (spool / import_id).exists()


def test_the_failure_of_a_lost_import_is_not_noted(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    with td.open_store(tmp_path / "store.duckdb") as store:
        import_id = accepted(store, spool)
        claimed = queue._claim(store, spool)
        assert claimed == {import_id: 1}
        with store.write() as con:
            con.execute("UPDATE import_trackers SET owner = 'another', attempts = 2")
        queue._do(store, spool, claimed)
        assert td.export_documents(store, "imports") == []
        trackers = store.query("SELECT status, owner FROM import_trackers")
        assert trackers.rows() == [("RUNNING", "another")]
        assert (spool / import_id).exists()
