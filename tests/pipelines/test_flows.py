"""The flows on a real Prefect server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

import tachi_data as td
from pipelines import schedules
from pipelines._limits import at_most
from pipelines.deorphan import nightly
from pipelines.import_files import import_files
from pipelines.import_from_api import import_from_api
from pipelines.process_accepted import process_accepted
from pipelines.reprocess_history import reprocess_history
from pipelines.verify import verify
from tachi_data import integrations
from tachi_data.importing import queue

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
FILE = "batch-manual-sdvx-akari.json"


def artifact(key: str) -> Any:
    """What the newest artifact of this key shows."""
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
        found = client.read_artifacts(artifact_filter=wanted)
    newest = max(found, key=lambda a: a.created)
    return json.loads(newest.data) if newest.type == "table" else newest.data


def documents(store: Path, kind: str) -> list[dict[str, Any]]:
    """Stored documents, without what differs from run to run."""
    volatile = {"importID", "timeAdded", "timeStarted", "timeFinished", "sessionID", "timeInserted"}
    volatile.add("rankingData")  # Of equal scores the one stored first is ahead.
    with td.open_store(store) as opened:
        found = td.export_documents(opened, kind)
    kept = [{k: v for k, v in d.items() if k not in volatile} for d in found]
    return sorted(kept, key=lambda d: json.dumps(d, sort_keys=True))


def inbox_of(tmp_path: Path, sample: Path) -> Path:
    inbox = tmp_path / "inbox"
    for player in ("1", "2"):
        (inbox / player).mkdir(parents=True)
        shutil.copy(sample / "imports" / FILE, inbox / player / FILE)
    shutil.copy(sample / "imports" / FILE, inbox / "2" / "again.json")
    (inbox / "2" / "broken.json").write_text('{"meta": ')
    (inbox / "2" / "growing.json.part").write_text("{")
    return inbox


def test_an_inbox_is_imported(store: Path, tmp_path: Path, sample: Path) -> None:
    inbox = inbox_of(tmp_path, sample)
    library = Path(shutil.copy(store, tmp_path / "library.duckdb"))
    total = import_files(str(store), str(inbox), "file/batch-manual")

    with td.open_store(library) as opened:
        jobs = [
            td.ImportJob("file/batch-manual", sample / "imports" / FILE, player)
            for player in (1, 2, 2)
        ]
        outcomes = td.import_many(opened, jobs)
    for kind in ("scores", "pbs", "gameStats", "orphans"):
        assert documents(store, kind) == documents(library, kind)
    assert total.pop("refused files") == 1
    assert sum(total.values()) == sum(outcome.datapoints.height for outcome in outcomes)

    left = sorted(p.name for player in ("1", "2") for p in (inbox / player).iterdir())
    assert left == ["growing.json.part"]
    (reason,) = (inbox / "failed" / "2").glob("*.reason.txt")
    assert "not valid JSON (line 1, column 10)" in reason.read_text()
    written = sorted((inbox / "done").glob("*/*.document.json"))
    assert len(written) == 3
    with td.open_store(store) as opened:
        stored = {d["importID"]: d for d in td.export_documents(opened, "imports")}
    for path in written:
        document = json.loads(path.read_text())
        assert stored[document["importID"]] == document
    shown = {row["what"]: row["count"] for row in artifact("import-outcomes")}
    assert shown["ScoreImported"] == total["ScoreImported"]
    assert "3 ImportDocuments" in artifact("import-documents")
    assert artifact("import-reasons")


def test_the_catalogue_first_then_the_orphans(store: Path, tmp_path: Path, sample: Path) -> None:
    with td.open_store(store) as opened:
        td.import_scores(opened, "file/batch-manual", sample / "imports" / FILE, user_id=1)
        orphans = td.export_documents(opened, "orphans")
        assert orphans
    newer = tmp_path / "newer"
    shutil.copytree(sample / "catalogue", newer)
    songs = json.loads((newer / "songs-sdvx.json").read_text())
    missing = {o["data"]["identifier"] for o in orphans if o["data"]["matchType"] == "songTitle"}
    known = {title for song in songs for title in (song["title"], *song["altTitles"])}
    assert missing - known
    songs[0]["altTitles"] += sorted(missing - known)
    (newer / "songs-sdvx.json").write_text(json.dumps(songs))

    found = nightly(str(store), str(newer))
    assert found["songs_changed"] == 1
    assert found["success"] > 0
    assert artifact("orphans-unmatched")
    again = nightly(str(store), str(newer))
    assert (again["songs_changed"], again["success"]) == (0, 0)


def test_history_in_shards(store: Path, tmp_path: Path, sample: Path) -> None:
    other = Path(shutil.copy(store, tmp_path / "other.duckdb"))
    with td.open_store(tmp_path / "empty.duckdb") as empty:
        td.patch_catalogue(empty, {})
        for player in range(1, 6):
            td.import_scores(empty, "file/batch-manual", sample / "imports" / FILE, user_id=player)
        orphans = td.export_documents(empty, "orphans")
    export = tmp_path / "orphan-scores.ndjson"
    export.write_text("".join(json.dumps(o) + "\n" for o in orphans))
    counters = reprocess_history(str(store), str(export), shards=3)
    with td.open_store(other) as opened:
        td.ingest_orphans(opened, export)
        report = td.reprocess_orphans(opened)
    assert counters["taken"] == len(orphans)
    assert (counters["success"], counters["failed"]) == (report.success, report.failed)
    for kind in ("scores", "pbs", "gameStats", "orphans"):
        assert documents(store, kind) == documents(other, kind)


def test_accepted_imports_are_done(store: Path, tmp_path: Path, sample: Path) -> None:
    content = (sample / "imports" / FILE).read_bytes()
    with td.open_store(store) as opened:
        jobs = [td.ImportJob("file/batch-manual", content, player) for player in (1, 2)]
        for job in jobs:
            queue.accept(opened, tmp_path / "spool", job)
    assert process_accepted(str(store), str(tmp_path / "spool")) == 2
    assert {d["userID"] for d in documents(store, "imports")} == {1, 2}


def test_what_differs_is_shown_and_repaired(store: Path, sample: Path) -> None:
    with td.open_store(store) as opened:
        td.import_scores(opened, "file/batch-manual", sample / "imports" / FILE, user_id=1)
        assert verify(str(store)) == 0
        with opened.write() as con:
            con.execute("UPDATE pbs_sdvx SET score = 1")
        with pytest.raises(ValueError, match="stored values are not"):
            verify(str(store))
        assert {row["column"] for row in artifact("verify-differences")} == {"score"}
        assert verify(str(store), repair=True) > 0
        assert verify(str(store)) == 0


def test_a_service_that_is_not_set_up_is_counted(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACHI_KEY", integrations.new_key())
    monkeypatch.delenv("MYT_API_HOST", raising=False)
    monkeypatch.setattr("pipelines.import_from_api.fetch_all.retries", 0)
    with td.open_store(store) as opened:
        integrations.link(opened, 1, "myt", {"cardAccessCode": "1" * 20})
    assert import_from_api(str(store)) == {
        f"failed: api/myt-{game}": 1 for game in ("chunithm", "maimaidx", "ongeki", "wacca")
    }


def test_limits_block(tmp_path: Path) -> None:
    from prefect.concurrency.sync import concurrency

    with (
        at_most(1, "tachi-test"),
        pytest.raises(TimeoutError),
        concurrency("tachi-test", timeout_seconds=1, strict=True),
    ):
        pass


def test_every_deployment_has_parameters_that_its_flow_takes() -> None:
    made = schedules.deployments()
    assert len(made) == len(schedules.DEPLOYMENTS)
    for (flow, name, _), deployment in zip(schedules.DEPLOYMENTS, made, strict=True):
        flow.validate_parameters(deployment.parameters)
        assert name in (schedules.__doc__ or "")
