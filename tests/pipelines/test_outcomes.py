"""What a run says about itself in Prefect: its name, its message, and nothing if it did nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

import tachi_data as td
from pipelines import schedules
from pipelines.deorphan import deorphan
from pipelines.import_files import import_files
from pipelines.notifications import notify
from pipelines.process_accepted import process_accepted
from pipelines.reprocess_history import ingest_orphans
from tachi_data.sample import orphan_export
from tests.pipelines.test_flows import FILE, artifact

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
CSV = "eamusement-iidx-csv-akari.csv"


def runs() -> list[FlowRun]:
    """The runs of flows, the newest first."""
    with get_client(sync_client=True) as client:
        return sorted(client.read_flow_runs(), key=lambda run: run.created, reverse=True)


def message(run: FlowRun) -> str:
    assert run.state is not None
    return f"{run.state.name}: {run.state.message}"


def put(inbox: Path, place: str, content: str = "{}") -> Path:
    path = inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_refused_and_misplaced_files_stand_in_the_message_and_an_artifact(
    store: Path, tmp_path: Path, sample: Path
) -> None:
    inbox = tmp_path / "inbox"
    put(inbox, "file/batch-manual/7/broken.json", '{"meta": ')
    put(inbox, "file/batch-manual/7/good.json", (sample / "imports" / FILE).read_text())
    loose = put(inbox, "loose.json")
    put(inbox, "file/batch-manual/akari/x.json")
    total = import_files(str(store), str(inbox))
    assert (total["refused files"], total["misplaced files"]) == (1, 2)
    assert total["ScoreImported"] > 0

    newest = runs()[0]
    assert newest.name.startswith("2 files: ")
    assert "1 refused file," in newest.name
    told = message(newest)
    assert told.startswith("Attention: ")
    assert "broken.json: " in told
    assert "not valid JSON" in told
    assert "loose.json: The file is in no player's folder. Expected inbox/<import type>" in told
    assert 'x.json: The folder "akari" is no player\'s number.' in told
    assert "Players whom the store did not know before: 7." in told
    shown = {row["file"]: row["reason"] for row in artifact("import-refused")}
    assert set(shown) == {"broken.json", "loose.json", "x.json"}

    assert loose.exists()
    assert "no player's folder" in loose.with_name("loose.json.reason.txt").read_text()


def test_a_run_with_nothing_to_do_leaves_nothing(store: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    put(inbox, "loose.json")
    before = len(runs())
    assert import_files(str(store), str(inbox)) == {"misplaced files": 1}
    assert len(runs()) == before + 1
    assert import_files(str(store), str(inbox)) == {}  # The note is there, so it is not told again.
    assert process_accepted(str(store), str(tmp_path / "spool")) == 0
    assert len(runs()) == before + 1


def test_options_stand_in_a_folder_or_beside_the_file(
    store: Path, tmp_path: Path, sample: Path
) -> None:
    inbox, content = tmp_path / "inbox", (sample / "imports" / CSV).read_text()
    mine = inbox / "file" / "eamusement-iidx-csv"
    put(mine, "options.json", '{"playtype": "DP"}')
    put(mine, "1/scores.csv", content)
    put(mine, "1/scores.csv.options.json", '{"playtype": "SP"}')
    put(mine, "2/options.json", "[]")
    put(mine, "2/scores.csv", content)
    total = import_files(str(store), str(inbox))
    assert total["refused files"] == 1
    assert total["ScoreImported"] > 0
    with td.open_store(store) as opened:
        (document,) = td.export_documents(opened, "imports")
    assert (document["userID"], document["playtypes"]) == (1, ["SP"])
    assert not list(mine.rglob("*.csv*"))
    (reason,) = (inbox / "failed").rglob("*.reason.txt")
    assert "options.json holds no options" in reason.read_text()
    assert len(list((inbox / "done").rglob("*.options.json"))) == 1


def test_the_catalogue_comes_before_the_first_import(tmp_path: Path, sample: Path) -> None:
    inbox, content = tmp_path / "inbox", (sample / "imports" / FILE).read_text()
    put(inbox, "file/batch-manual/7/a.json", content)
    found = import_files(
        str(tmp_path / "a.duckdb"), str(inbox), catalogue=str(sample / "catalogue")
    )
    assert found["ScoreImported"] > 0

    put(inbox, "file/batch-manual/7/b.json", content)
    found = import_files(str(tmp_path / "b.duckdb"), str(inbox))
    assert "ScoreImported" not in found
    assert "The store has no catalogue" in message(runs()[0])


def test_an_export_is_taken_in_with_progress(store: Path, tmp_path: Path) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(50, matching=0.5, users=4)))
    assert ingest_orphans(str(store), str(export))["taken"] == 50
    assert runs()[0].name == "history: 50 taken"
    assert artifact("history-progress") == 100.0
    tried = deorphan(str(store))
    assert f"{tried['success']} became scores" in runs()[0].name


def test_a_folder_that_is_no_inbox_is_refused(store: Path, tmp_path: Path) -> None:
    for number in range(1001):
        put(tmp_path / "home", f"{number}.txt")
    with pytest.raises(td.TachiError, match="is no inbox: more than 1000 files"):
        import_files(str(store), str(tmp_path / "home"))
    assert not list((tmp_path / "home").glob("*.reason.txt"))


def test_orphans_can_be_ingested_and_tried_by_hand() -> None:
    by_hand = {
        name
        for _, name, settings in schedules.DEPLOYMENTS
        if not {"cron", "interval"} & set(settings)
    }
    assert by_hand == {"deorphan", "ingest", "reprocess-history"}


def test_notices_are_set_up_once_with_the_newest_address() -> None:
    notify("http://127.0.0.1:1/old")
    made = notify("http://127.0.0.1:1/new")
    with get_client(sync_client=True) as client:
        found = client.read_automations_by_name(made.name)
    assert [one.id for one in found] == [made.id]
    assert {f"prefect.flow-run.{state}" for state in ("Failed", "Crashed", "Attention")} <= set(
        found[0].trigger.expect
    )
    block = CustomWebhookNotificationBlock.load(made.name)
    assert str(block.url) == "http://127.0.0.1:1/new"
