"""Imports that arrive together: HTTP against the library, as ratios taken in one run."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

import tachi_data as td
from tests.bench.stopwatch import Stopwatch
from tests.service.servers import Service, serving

pytestmark = pytest.mark.bench
SECONDS = 12.0


def plays(shared: Path) -> list[dict[str, object]]:
    """BATCH-MANUAL documents of one score each, all different."""
    name = "batch-manual-sdvx-1000.json.gz"
    document = json.loads(gzip.decompress((shared / "bench" / name).read_bytes()))
    return [{**document, "scores": [score]} for score in document["scores"]]


def sent(service: Service, documents: list[dict[str, object]], tokens: list[str]) -> list[float]:
    """The seconds of each request that these clients sent within `SECONDS`."""
    file = service.folder / "load.json"
    file.write_text(json.dumps({"documents": documents, "tokens": tokens}))
    port = str(service.client.base_url.port)
    command = [sys.executable, "-m", "tests.bench.load", port, str(SECONDS), str(file)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    found: list[float] = json.loads(run.stdout)
    return found


def test_clients_at_once(shared: Path, tmp_path: Path) -> None:
    documents = plays(shared)
    with serving(tmp_path, rate_limits="false", connections_per_client="1000") as service:
        td.load_catalogue(service.store, shared / "catalogue", games=["sdvx"])
        tokens = [service.token(1000 + n)["Authorization"].split()[1] for n in range(256)]
        sent(service, documents, tokens[:8])
        rates, times = {}, {}
        for count in (1, 64, 256):
            times[count] = sorted(sent(service, documents, tokens[:count]))
            rates[count] = len(times[count]) / SECONDS
        took = []
        for turn in range(6):
            jobs = [
                td.ImportJob(
                    "file/batch-manual", json.dumps(documents[turn * 64 + n]).encode(), 5000 + n
                )
                for n in range(64)
            ]
            started = time.perf_counter()
            td.import_many(service.store, jobs)
            took.append(time.perf_counter() - started)
    library = median(took[1:])
    late = times[64][int(len(times[64]) * 0.99)]
    told = ", ".join(f"{count} clients {rate:.0f}/s" for count, rate in rates.items())
    print(f"\n{told}; import_many of 64 in a loop {64 / library:.0f}/s, one takes {library:.2f} s")
    print(f"64 clients: ratio {rates[64] / (64 / library):.2f}, p99 {late / library:.1f} sets")
    assert rates[64] >= 0.5 * 64 / library
    assert rates[256] >= 0.95 * rates[64]
    assert late <= 5 * library


def test_a_thousand_plays_against_one_file(shared: Path, tmp_path: Path) -> None:
    documents = plays(shared)
    whole = {**documents[0], "scores": [score for d in documents for score in d["scores"]]}  # type: ignore[attr-defined]
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        watch = Stopwatch()
        for turn in range(6):
            source = json.dumps(whole).encode()
            watch.timed(
                "one file",
                lambda s=source, t=turn: td.import_scores(  # type: ignore[misc]
                    store, "file/batch-manual", s, user_id=10 + t
                ),
            )
            jobs = [
                td.ImportJob("file/batch-manual", json.dumps(d).encode(), 10_000 * (turn + 1) + n)
                for n, d in enumerate(documents)
            ]
            watch.timed("1,000 plays", lambda j=jobs: td.import_many(store, j))  # type: ignore[misc]
    assert watch.ratio("1,000 plays", "one file", 2) <= 2
