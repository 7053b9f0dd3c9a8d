"""All at once, for two minutes: 64 clients, two workers that are killed, a flow and a reader.

``TACHI_BENCH_LOAD_S`` is the number of seconds.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data.backlog import queue
from tests.bench.mixed_clients import UNKNOWN
from tests.service.servers import Service, serving

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("TACHI_BENCH_LOAD_S", "120"))
CLIENTS, WORKERS = 64, 2
# The first player of each kind.
OF_CLIENTS, OF_WORKERS, OF_FLOW = 1, 10_000, 20_000
FLOW = """
import sys, time
from pathlib import Path
from prefect.testing.utilities import prefect_test_harness
from pipelines.import_files import import_files

with prefect_test_harness(server_startup_timeout=120):
    is_last = False
    while not is_last:
        is_last = Path(sys.argv[3]).exists()
        import_files(sys.argv[1], sys.argv[2], "file/batch-manual")
"""
READER = """
import sys
from pathlib import Path
import tachi_data as td

with td.open_store(sys.argv[1]) as store:
    count = 0
    while not Path(sys.argv[2]).exists():
        td.scores(store, game="sdvx:Single").height
        td.personal_bests(store, game="sdvx:Single")
        count += 1
    print(count)
"""


class Load:
    """What runs beside the clients, and what it was told to do."""

    def __init__(self, service: Service, folder: Path, meta: Any, plays: list[Any]) -> None:
        self.service, self.inbox, self.stop = service, folder / "inbox", folder / "stop"
        self.accepted: list[str] = []
        self.filed: list[int] = []
        self.kills = 0
        self._meta, self._plays = meta, plays
        self._chance = random.Random(16)
        self._ended = threading.Event()

    def document(self, number: int) -> bytes:
        play = self._plays[number % len(self._plays)]
        return json.dumps({"meta": self._meta, "scores": [play]}).encode()

    def feed(self) -> None:
        """Accept imports for the workers, and lay files into the inbox."""
        for number in range(100_000):
            if self._ended.wait(0.4):
                return
            job = td.ImportJob("file/batch-manual", self.document(number), OF_WORKERS + number)
            queue.accept(self.service.store, self.service.spool, job)
            self.accepted.append(job.import_id)
            folder = self.inbox / str(OF_FLOW + number)
            folder.mkdir(parents=True)
            (folder / "play.json.part").write_bytes(self.document(number))
            (folder / "play.json.part").rename(folder / "play.json")
            self.filed.append(OF_FLOW + number)

    def kill(self) -> None:
        """Keep two workers, and kill one of them every now and then."""
        workers = [self._worker() for _ in range(WORKERS)]
        while not self._ended.wait(self._chance.uniform(2, 6)):
            victim = self._chance.randrange(WORKERS)
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = self._worker()
            self.kills += 1
        deadline = time.monotonic() + 120
        while queue.is_unfinished(self.service.store) and time.monotonic() < deadline:
            time.sleep(0.5)
        for worker in workers:
            worker.terminate()
            worker.wait()

    def grow(self) -> None:
        """Let the song of tomorrow come, half-way."""
        self._ended.wait(SECONDS / 2)
        song = {"id": 900_001, "title": UNKNOWN["identifier"], "artist": "x", "altTitles": []}
        song |= {"searchTerms": [], "data": {"displayVersion": "exceed"}}
        chart = {"chartID": "tomorrow", "songID": 900_001, "playtype": "Single", "level": "10"}
        chart |= {"difficulty": "EXH", "levelNum": 10, "isPrimary": True, "versions": ["exceed"]}
        chart |= {"data": {"inGameID": 900_001}}
        td.patch_catalogue(self.service.store, {"songs-sdvx": [song], "charts-sdvx": [chart]})

    def _worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tachi_data.cli", "worker"]
        return subprocess.Popen(command, env=self.service.environment, stderr=subprocess.DEVNULL)

    @contextmanager
    def running(self) -> Iterator[None]:
        """All of it, in threads and processes, for the length of the block."""
        url, stop = str(self.service.store.path), str(self.stop)
        with (self.inbox.parent / "flow.log").open("wb") as log:
            flow = subprocess.Popen(
                [sys.executable, "-c", FLOW, url, str(self.inbox), stop], stdout=log, stderr=log
            )
        reader = subprocess.Popen([sys.executable, "-c", READER, url, stop], stdout=subprocess.PIPE)
        threads = [threading.Thread(target=work) for work in (self.feed, self.kill, self.grow)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()
            self.stop.touch()
            read, _ = reader.communicate(timeout=120)
            assert flow.wait(120) == 0, (self.inbox.parent / "flow.log").read_text()[-3000:]
        assert reader.returncode == 0
        print(f"\n{self.kills} workers killed, {int(read)} times read")
        assert int(read) > 1


def peak_mib(process: int) -> float:
    """The most memory that a process has had, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def check_stored(store: td.Store, said: list[dict[str, Any]], load: Load) -> None:
    """Nothing is lost, and nothing is there twice."""
    found = store.query("SELECT user_id, score_id FROM score_keys")
    assert not found.is_duplicated().any()
    td.reprocess_orphans(store)
    tomorrow = store.query(
        "SELECT user_id, count(*) AS n FROM scores_sdvx WHERE chart_id = 'tomorrow' GROUP BY ALL"
    )
    by_orphans = dict(tomorrow.iter_rows())
    of_clients = store.query("SELECT user_id, score_id, chart_id FROM scores_sdvx")
    assert not of_clients.select("user_id", "score_id").is_duplicated().any()
    stored: dict[int, set[str]] = {}
    for user_id, score_id, chart_id in of_clients.iter_rows():
        if chart_id != "tomorrow":
            stored.setdefault(user_id, set()).add(score_id)
    for told in said:
        user_id, kept = told["user_id"], set(told["kept"])
        new = by_orphans.get(user_id, 0)
        direct = len(kept - stored.get(user_id, set()))
        assert stored.get(user_id, set()) <= kept, (
            f"player {user_id} has scores that nobody told of"
        )
        assert direct + told["orphans"] == new, f"player {user_id} lost scores, or has some twice"
    imports = store.query("SELECT import_id, user_id FROM imports")
    assert not imports["import_id"].is_duplicated().any()
    assert set(load.accepted) <= set(imports["import_id"])
    done = imports["user_id"].value_counts()
    assert set(done.filter(done["user_id"] >= OF_WORKERS)["count"]) == {1}
    assert set(load.filed) <= set(imports["user_id"])


def test_mixed_load(shared: Path, tmp_path: Path) -> None:
    few, many = (
        json.loads(
            gzip.decompress((shared / "bench" / f"batch-manual-sdvx-{n}.json.gz").read_bytes())
        )
        for n in (1000, 5000)
    )
    options = {"rate_limits": "false", "connections_per_client": "1000"}
    with serving(tmp_path, **options) as service:
        td.load_catalogue(service.store, shared / "catalogue", games=["sdvx"])
        tokens = [service.token(OF_CLIENTS + n)["Authorization"].split()[1] for n in range(CLIENTS)]
        given = {"first": OF_CLIENTS, "tokens": tokens, "meta": few["meta"]}
        given |= {"plays": few["scores"], "many_plays": many["scores"]}
        file = tmp_path / "given.json"
        file.write_text(json.dumps(given))
        load = Load(service, tmp_path, few["meta"], few["scores"])
        port = str(service.client.base_url.port)
        command = [sys.executable, "-m", "tests.bench.mixed_clients", port, str(SECONDS), str(file)]
        with load.running():
            run = subprocess.run(command, check=False, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-3000:]
        said = json.loads(run.stdout)
        peak = peak_mib(service.process.pid)
        seconds = sorted(s for told in said for s in told["seconds"])
        told = ", ".join(
            f"{share} % within {seconds[int(len(seconds) * share / 100.01)]:.2f} s"
            for share in (50, 99, 100)
        )
        print(f"{len(seconds):,} plays in {SECONDS:.0f} s, {told}")
        print(f"{len(load.accepted)} accepted, {len(load.filed)} files, peak {peak:.0f} MiB")
        assert [line for line in service.log_lines() if line["level"] == "ERROR"] == []
        check_stored(service.store, said, load)
        assert td.verify(service.store).is_empty()
        assert peak < 1024
