"""An accepted import is done once, also if its worker is silent for so long that another one takes it on."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.backlog import leases, presence, queue
from tachi_data.importing import ImportJob
from tests.stores import open_new

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
    with open_new(tmp_path / "store.duckdb") as store:
        import_id = accepted(store, spool)
        run, calls = queue.run, list[str]()

        def slow(store: td.Store, folder: Path, jobs: list[ImportJob]) -> list[td.ImportOutcome]:
            """Another worker takes the import on, and does it, before this one goes on."""
            calls.append("slow")
            if len(calls) == 1:
                monkeypatch.setattr(leases, "DEAD_AFTER_S", 0.0)
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
    with open_new(tmp_path / "store.duckdb") as store:
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


def test_a_clock_that_is_wrong_frees_no_import_and_holds_none(tmp_path: Path) -> None:
    """A heartbeat of the year 2000 or 3000 is of a worker that lives; one of a dead worker is free at once."""
    spool = tmp_path / "spool"
    with open_new(tmp_path / "store.duckdb") as store:
        import_id = accepted(store, spool)
        assert queue._claim(store, spool) == {import_id: 1}
        for year in ("2000-01-01", "3000-01-01"):
            with store.write() as con:
                con.execute("UPDATE import_trackers SET heartbeat = $1::TIMESTAMP", [year])
            queue.recover(store, spool)
            assert store.query("SELECT status FROM import_trackers").item() == "RUNNING"
        with store.write() as con:
            con.execute("UPDATE import_trackers SET owner = ?", [f"{'d' * 40}:1"])
        assert not presence.is_alive(spool, "d" * 40)
        assert queue.work(store, spool) == 1
        assert [d["importID"] for d in td.export_documents(store, "imports")] == [import_id]


def test_only_who_is_silent_for_long_by_my_clock_loses_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, now = tmp_path / "spool", [0.0]
    monkeypatch.setattr(leases.time, "monotonic", lambda: now[0])
    with open_new(tmp_path / "store.duckdb") as store:
        accepted(store, spool)
        queue._claim(store, spool)
        for beat, seconds, status in [(1, 0, "RUNNING"), (2, 89, "RUNNING"), (2, 178, "RUNNING")]:
            now[0] = seconds
            with store.write() as con:
                con.execute("UPDATE import_trackers SET heartbeat = make_timestamp_ms(?)", [beat])
            queue.recover(store, spool)
            assert store.query("SELECT status FROM import_trackers").item() == status
        now[0] = 89 + leases.DEAD_AFTER_S
        queue.recover(store, spool)
        assert store.query("SELECT status FROM import_trackers").item() == "QUEUED"


def test_heartbeats_go_on_after_any_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT_S", 0.02)
    file = tmp_path / "store.duckdb"
    with td.open_store(file) as store:
        import_id = accepted(store, tmp_path / "spool")
        queue._claim(store, tmp_path / "spool")
        before = store.query("SELECT heartbeat FROM import_trackers").item()
        errors = [OSError("the disk is away"), ValueError("what nobody thought of")]
        seen, write = list[Exception](), type(store).write

        def failing(self: td.Store, **arguments: bool) -> object:
            if errors and threading.current_thread().name == "heartbeat":
                seen.append(errors.pop())
                raise seen[-1]
            return write(self, **arguments)

        monkeypatch.setattr(type(store), "write", failing)
        with leases.heartbeat(store, [import_id], leases.owner(tmp_path / "spool")):
            deadline = time.monotonic() + 20
            while store.query("SELECT heartbeat FROM import_trackers").item() == before:
                assert time.monotonic() < deadline
        assert len(seen) == 2


def test_an_idle_worker_removes_what_a_dead_process_was_writing(tmp_path: Path) -> None:
    half = tmp_path / "spool" / f".{'a' * 40}.gone"
    half.mkdir(parents=True)
    (half / "data").write_text("half an upl")
    with open_new(tmp_path / "store.duckdb") as store:
        assert queue.work(store, tmp_path / "spool") == 0
    assert not half.exists()


def test_an_id_that_is_stored_is_refused(tmp_path: Path) -> None:
    """An import that is done is in the queue again, and a worker has taken it on."""
    spool = tmp_path / "spool"
    with td.open_store(tmp_path / "store.duckdb") as store:
        import_id = accepted(store, spool)
        job = replace(ImportJob("file/batch-manual", DOCUMENT, 7), import_id=import_id)
        assert queue.work(store, spool) == 1
        queue.accept(store, spool, job)
        queue._do(store, spool, queue._claim(store, spool))
        assert queue.work(store, spool) == 0
        assert not queue.is_unfinished(store)
        with pytest.raises(td.ImportFatal, match="already") as refused:
            td.import_scores(store, "file/batch-manual", DOCUMENT, user_id=7, import_id=import_id)
        assert refused.value.status_code == 409
        assert [d["importID"] for d in td.export_documents(store, "imports")] == [import_id]
