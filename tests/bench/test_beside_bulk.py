"""A single play that is sent while another process does bulk work waits for a slice of it, not for its end.

``TACHI_BENCH_BULK`` is the number of scores, or of orphans: 1,000,000 by default.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.sample import batch_manual, orphan_export
from tests.bench.documents import write_scores

pytestmark = pytest.mark.bench
BULK = int(os.environ.get("TACHI_BENCH_BULK", "1000000"))
LONGEST_S = 5
PROGRAM = """
import sys
from pathlib import Path
import tachi_data as td

with td.open_store(sys.argv[1]) as store:
    print("begun", flush=True)
    if len(sys.argv) > 2:
        td.import_scores(store, "file/batch-manual", Path(sys.argv[2]), user_id=1)
    else:
        td.reprocess_orphans(store)
"""


def waits(store: td.Store, plays: list[bytes], *more: Path) -> list[float]:
    """The seconds of each play, of which one follows the other while another process does bulk work."""
    command = [sys.executable, "-c", PROGRAM, str(store.path), *map(str, more)]
    seconds: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as bulk:
        assert bulk.stdout is not None
        assert bulk.stdout.readline() == b"begun\n"
        while bulk.poll() is None:
            started = time.perf_counter()
            play = plays[len(seconds) % len(plays)]
            td.import_scores(store, "file/batch-manual", play, user_id=1_000 + len(seconds))
            seconds.append(time.perf_counter() - started)
            time.sleep(0.05)
    assert bulk.returncode == 0
    seconds.sort()
    print(
        f"\n{len(seconds)} plays, median {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s"
    )
    return seconds


def test_a_play_while_a_million_scores_are_imported(shared: Path, tmp_path: Path) -> None:
    few, many = (
        json.loads(
            gzip.decompress((shared / "bench" / f"batch-manual-sdvx-{n}.json.gz").read_bytes())
        )
        for n in (1_000, 20_000)
    )
    plays = [json.dumps({**few, "scores": [score]}).encode() for score in few["scores"]]
    file = write_scores(many, BULK, tmp_path / "many.json")
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        td.import_scores(store, "file/batch-manual", plays[0], user_id=999)
        longest = waits(store, plays, file)[-1]
        count = store.query("SELECT count(*) AS n FROM scores_sdvx WHERE user_id = 1")["n"][0]
    assert count > 0.8 * BULK
    assert longest <= LONGEST_S


def test_a_play_while_a_million_orphans_are_tried(sample: Path, tmp_path: Path) -> None:
    plays = [batch_manual(1, unknown=0, seed=seed) for seed in range(100)]
    export = tmp_path / "orphans.ndjson"
    with export.open("wb") as file:
        file.writelines(orphan_export(BULK, matching=0.2))
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, sample / "catalogue")
        td.import_scores(store, "file/batch-manual", plays[0], user_id=999)
        td.ingest_orphans(store, export)
        longest = waits(store, plays)[-1]
        waiting = store.query("SELECT count(*) AS n FROM orphans")["n"][0]
    assert waiting < 0.85 * BULK
    assert longest <= LONGEST_S
