"""The flows on two Dask worker processes: the same content as the library leaves.

On a DuckDB file, and (`make test-lake`) on a DuckLake.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import tachi_data as td
from pipelines.deorphan import deorphan
from pipelines.import_files import import_files
from pipelines.reprocess_history import reprocess_history
from tachi_data.sample import orphan_export
from tests.pipelines.contents import VOLATILE, everything

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]
FILE = pytest.param("file", marks=pytest.mark.flow)
LAKE = pytest.param("lake", marks=pytest.mark.lake)
# It takes a minute, and the other tests on a lake do the same with orphans.
FILES_ON_LAKE = pytest.param("lake", marks=[pytest.mark.lake, pytest.mark.bench])


@pytest.fixture(scope="module")
def dask_address() -> Iterator[str]:
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(processes=True, **options) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(params=[FILE, LAKE])
def shared_store(request: pytest.FixtureRequest, store: Path, tmp_path: Path) -> str:
    """The store that the workers share: with the sample's catalogue, like `store`."""
    if request.param == "file":
        return str(shutil.copy(store, tmp_path / "shared.duckdb"))
    url: str = request.getfixturevalue("lake_url")
    with td.open_store(store) as source, td.open_store(url) as target:
        td.copy_store(source, target)
    return url


def filled_inbox(folder: Path, sample: Path) -> Path:
    files = sorted((sample / "imports").glob("batch-manual-*.json"))
    for player in range(1, 5):
        (folder / str(player)).mkdir(parents=True)
        for file in files[player % 4 :: 4][:2]:
            shutil.copy(file, folder / str(player) / file.name)
    (folder / "3" / "broken.json").write_text("[")
    return folder


def written_documents(inbox: Path) -> list[str]:
    found = [json.loads(p.read_bytes()) for p in (inbox / "done").glob("*/*.document.json")]
    dropped = VOLATILE | {"createdSessions"}
    return sorted(
        json.dumps({k: v for k, v in d.items() if k not in dropped}, sort_keys=True) for d in found
    )


@pytest.mark.parametrize("shared_store", [FILE, FILES_ON_LAKE], indirect=True)
def test_files_give_the_same_by_library_flow_and_dask(
    store: Path, shared_store: str, dask_address: str, tmp_path: Path, sample: Path
) -> None:
    by_library = Path(shutil.copy(store, tmp_path / "library.duckdb"))
    inboxes = [filled_inbox(tmp_path / name, sample) for name in ("one", "two")]
    paths = sorted(inboxes[0].glob("*/*.json"))
    with td.open_store(by_library) as opened:
        jobs = [td.ImportJob("file/batch-manual", p, int(p.parent.name)) for p in paths]
        outcomes = td.import_many(opened, jobs)
    facts = {"import_type": "file/batch-manual", "chunk": 3}
    here = import_files(str(store), str(inboxes[0]), **facts)
    there = import_files(shared_store, str(inboxes[1]), dask_address=dask_address, **facts)
    assert here == there
    assert here["refused files"] == sum(o.fatal is not None for o in outcomes) == 1
    assert written_documents(inboxes[0]) == written_documents(inboxes[1])
    assert len(written_documents(inboxes[1])) == len(paths) - 1
    expected = everything(by_library)
    assert len(expected["scores"]) > 100
    assert len(expected["orphans"]) > 1
    assert everything(store) == expected
    assert everything(shared_store) == expected


@pytest.mark.parametrize("shared_store", [LAKE], indirect=True)  # On a file: test_flows.py.
def test_history_gives_the_same_by_library_flow_and_dask(
    store: Path, shared_store: str, dask_address: str, tmp_path: Path
) -> None:
    by_library = Path(shutil.copy(store, tmp_path / "library.duckdb"))
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(400, matching=0.5, users=10)))
    with td.open_store(by_library) as opened:
        td.ingest_orphans(opened, export)
        report = td.reprocess_orphans(opened)
    assert report.success > 120
    here = reprocess_history(str(store), str(export), shards=3)
    there = reprocess_history(shared_store, str(export), shards=2, dask_address=dask_address)
    assert here == there
    assert there["taken"] == 400
    assert (there["success"], there["failed"]) == (report.success, report.failed)
    expected = everything(by_library)
    assert everything(store) == expected
    assert everything(shared_store) == expected


def kill_workers(address: str, place: str, chance: random.Random, done: list[int]) -> None:
    """Kill each of the two worker processes, once the work has begun; Dask starts new ones.

    ``done`` gets, for each, how many orphans were scores by then.
    """
    with td.open_store(place) as store, Client(address) as client:
        for pid in client.run(os.getpid).values():
            while not (found := store.query("SELECT count(*) AS n FROM orphan_archive")["n"][0]):
                time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            done.append(found)
            time.sleep(chance.random() / 2)


@pytest.mark.parametrize(
    "count",
    [pytest.param(1_000, id="1000"), pytest.param(200_000, id="200k", marks=pytest.mark.bench)],
)
def test_killed_workers_lose_nothing_and_do_nothing_twice(
    count: int, store: Path, shared_store: str, dask_address: str, tmp_path: Path
) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(count, matching=0.5, users=40)))
    for place in (str(store), shared_store):
        with td.open_store(place) as opened:
            td.ingest_orphans(opened, export)
    # In the same shards: each is a transaction, and classes are achieved once per transaction.
    expected = deorphan(str(store), shards=5)
    done: list[int] = []
    arguments = (dask_address, shared_store, random.Random(count), done)
    killer = threading.Thread(target=kill_workers, args=arguments)
    killer.start()
    deorphan(shared_store, shards=5, dask_address=dask_address)
    killer.join()
    assert len(done) == 2
    assert done[0] < expected["success"]
    again = deorphan(shared_store)
    assert (again["success"], again["failed"]) == (0, expected["failed"])
    assert everything(shared_store) == everything(store)
