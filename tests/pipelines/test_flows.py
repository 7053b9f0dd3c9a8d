"""The flows on a real Prefect server."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.concurrency.sync import concurrency

import tachi_data as td
from pipelines import schedules
from pipelines._limits import at_most
from pipelines._names import short
from pipelines.deorphan import deorphan, nightly
from pipelines.import_files import import_files
from pipelines.import_from_api import AT_ONCE, import_from_api
from pipelines.process_accepted import process_accepted
from pipelines.reprocess_history import reprocess_history
from pipelines.verify import verify
from tachi_data.backlog import queue
from tachi_data.players import integrations
from tachi_data.players.locks import acquire, release
from tachi_data.sample import orphan_export
from tests.import_types.bodies import oraja
from tests.import_types.samples import Sample
from tests.import_types.upstreams.servers import Reply, Request, Upstream, running
from tests.pipelines.contents import documents, everything

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
FILE = "batch-manual-sdvx-akari.json"
FAILING = ("api/cg-nag-iidx", "api/cg-nag-jubeat", "api/cg-nag-museca", "api/cg-nag-popn")


def artifact(key: str) -> Any:
    """What the newest artifact of this key shows."""
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
        found = client.read_artifacts(artifact_filter=wanted)
    newest = max(found, key=lambda a: a.created)
    return json.loads(newest.data) if newest.type == "table" else newest.data


def inbox_of(tmp_path: Path, sample: Path) -> Path:
    inbox = tmp_path / "inbox"
    mine = inbox / "file" / "batch-manual"
    for player in ("1", "2"):
        (mine / player).mkdir(parents=True)
        shutil.copy(sample / "imports" / FILE, mine / player / FILE)
    shutil.copy(sample / "imports" / FILE, mine / "2" / "again.json")
    (mine / "2" / "broken.json").write_text('{"meta": ')
    (mine / "2" / "growing.json.part").write_text("{")
    (inbox / "file" / "unheard-of" / "3").mkdir(parents=True)
    (inbox / "file" / "unheard-of" / "3" / "x.json").write_text("{}")
    return inbox


def test_an_inbox_is_imported(store: Path, tmp_path: Path, sample: Path) -> None:
    inbox = inbox_of(tmp_path, sample)
    library = Path(shutil.copy(store, tmp_path / "library.duckdb"))
    total = import_files(str(store), str(inbox))

    with td.open_store(library) as opened:
        jobs = [
            td.ImportJob("file/batch-manual", sample / "imports" / FILE, player)
            for player in (1, 2, 2)
        ]
        outcomes = td.import_many(opened, jobs)
    assert everything(store) == everything(library)
    assert total.pop("refused files") == 2
    assert sum(total.values()) == sum(outcome.datapoints.height for outcome in outcomes)

    assert [p.name for p in (inbox / "file").rglob("*") if p.is_file()] == ["growing.json.part"]
    reasons = [p.read_text() for p in (inbox / "failed" / "file").rglob("*.reason.txt")]
    assert len(reasons) == 2
    assert "not valid JSON (line 1, column 10)" in "".join(reasons)
    assert "There is no import type 'file/unheard-of'" in "".join(reasons)
    written = sorted((inbox / "done" / "file").glob("batch-manual/*/*.document.json"))
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


def test_the_players_before_get_their_scores_once_a_chart_is_brought_in(
    store: Path, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    for player in ("1", "2", "3"):
        (inbox / "ir" / "beatoraja" / player).mkdir(parents=True)
        (inbox / "ir" / "beatoraja" / player / "play.json").write_text(json.dumps(oraja()))
        found = import_files(str(store), str(inbox))
    assert found == {"ScoreImported": 1}
    assert sorted(d["userID"] for d in documents(store, "scores")) == [1, 2, 3]
    assert documents(store, "orphans") == []


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
    assert everything(store) == everything(other)


def test_a_busy_player_is_put_off_not_the_whole_shard(
    store: Path, tmp_path: Path, sample: Path
) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(200, matching=0.5, users=4)))
    with td.open_store(store) as opened:
        td.ingest_orphans(opened, export)
        busy = opened.query("SELECT min(user_id) AS user_id FROM orphans")["user_id"][0]
        with opened.write() as con:
            assert acquire([busy], "an import", con) == {busy}
        counters = deorphan(str(store), shards=2)
        assert counters["deferred"] > 10
        assert counters["success"] > 50
        assert {d["userID"] for d in documents(store, "scores")}.isdisjoint({busy})
        with opened.write() as con:
            release("an import", con)
    assert deorphan(str(store))["success"] > 10
    shown = {row["what"]: row["count"] for row in artifact("orphans-outcomes")}
    assert shown["put off"] == 0
    assert artifact("orphans-progress") == 100.0


def test_a_shard_that_fails_is_named_and_the_others_are_done(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(100, matching=0.5, users=4)))
    with td.open_store(store) as opened:
        td.ingest_orphans(opened, export)
    reprocess = td.reprocess_orphans

    def failing(opened: td.Store, players: list[int], **rest: Any) -> td.OrphanReport:
        if 2 in players:
            raise OSError("the disk is full")
        return reprocess(opened, players, **rest)

    monkeypatch.setattr(td, "reprocess_orphans", failing)
    with pytest.raises(RuntimeError, match=r"1 of 2 parts failed.*OSError: the disk is full"):
        deorphan(str(store), shards=2)
    assert {d["userID"] % 2 for d in documents(store, "scores")} == {1}
    monkeypatch.undo()
    assert deorphan(str(store), shards=2)["success"] > 10
    assert {d["userID"] % 2 for d in documents(store, "scores")} == {0, 1}


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


def test_a_service_is_asked_for_every_linked_player_and_again_if_it_failed_for_all(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdvx = Sample("api/cg-nag-sdvx")

    def answer(request: Request) -> Reply:
        return Reply(body=sdvx.source["response"]["body"]) if "sdvx" in request.path else Reply(500)

    monkeypatch.setenv("TACHI_KEY", integrations.new_key())
    monkeypatch.setattr("pipelines.import_from_api.fetch_all.retries", 1)
    monkeypatch.setattr("pipelines.import_from_api.fetch_all.retry_delay_seconds", 0)
    with running(Upstream(answer=answer)) as upstream, td.open_store(store) as opened:
        config = {"URL": f"{upstream.url}/v1", "API_KEY": "key"}
        monkeypatch.setenv("CG_NAG_CONFIG", json.dumps(config))
        td.patch_catalogue(opened, sdvx.catalogue)
        for player in (1, 2):
            card = {"cardID": "E004" + "0A" * 6, "pin": f"000{player}"}
            integrations.link(opened, player, "cg/nag", card)
        found = import_from_api(str(store))
    games = Counter(request.path.removeprefix("/v1/") for request in upstream.log)
    assert games.pop("sdvx-scores") == 2
    assert set(games.values()) == {4}  # Two players, and both once more.
    assert found == {"imports": 2, "scores": found["scores"]} | {
        f"failed: {kind}": 1 for kind in td.all_import_types() if kind in FAILING
    }
    assert {d["userID"] for d in documents(store, "scores")} == {1, 2}
    with get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name("tachi-upstream-cg-nag")
    assert (limit.limit, limit.active_slots) == (AT_ONCE, 0)


def test_limits_block(tmp_path: Path) -> None:
    with (
        at_most(2, "tachi-test"),
        at_most(2, "tachi-test"),
        pytest.raises(TimeoutError),
        concurrency("tachi-test", timeout_seconds=1, strict=True),
    ):
        pass
    with at_most(1, "tachi-test"):
        pass


def test_runs_are_named_by_their_store_without_secrets() -> None:
    assert short("data/tachi.duckdb") == "tachi.duckdb"
    assert short("ducklake:postgres:host=db password=x dbname=tachi?data_path=s3://a/") == (
        "lake tachi"
    )
    assert short("ducklake:postgres:service=x") == "lake"


def test_every_deployment_has_parameters_that_its_flow_takes() -> None:
    made = schedules.deployments()
    assert len(made) == len(schedules.DEPLOYMENTS)
    for (flow, name, _), deployment in zip(schedules.DEPLOYMENTS, made, strict=True):
        flow.validate_parameters(deployment.parameters)
        assert name in (schedules.__doc__ or "")
