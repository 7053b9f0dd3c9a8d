"""Two Dask workers on a lake against one, each on a core of its own.

``TACHI_BENCH_LAKE`` is the number of orphans, 200,000 by default.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
from distributed import Client, LocalCluster

import tachi_data as td
from tachi_data.sample import orphan_export

pytestmark = [pytest.mark.bench, pytest.mark.lake]
ORPHANS = int(os.environ.get("TACHI_BENCH_LAKE", "200000"))
PLAYERS, TURNS, SHARDS = 40, 2, 8


def shard(url: str, number: int) -> int:
    """Try the orphans of every eighth player; returns how many became scores."""
    players = range(number + 1, PLAYERS + 1, SHARDS)
    with td.open_store(url, lock_timeout=None) as store:
        return td.reprocess_orphans(store, list(players), defer_busy=True).success


@contextmanager
def workers(count: int) -> Iterator[Client]:
    """So many workers, of which each has one core."""
    options = {"threads_per_worker": 1, "dashboard_address": ":0"}
    with (
        LocalCluster(n_workers=count, processes=True, **options) as cluster,
        Client(cluster) as client,
    ):
        for place, worker in enumerate(client.run(os.getpid)):
            client.run(os.sched_setaffinity, 0, {place}, workers=[worker])
        yield client


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two workers need two cores")
def test_two_workers_against_one(lake_url: str, sample: Path, tmp_path: Path) -> None:
    export = tmp_path / "orphans.ndjson"
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with td.open_store(lake_url) as store:
        td.load_catalogue(store, sample / "catalogue")
        for turn in range(TURNS):
            for count in seconds:
                lines = orphan_export(ORPHANS, matching=1, users=PLAYERS, seed=10 * turn + count)
                export.write_bytes(b"".join(lines))
                td.ingest_orphans(store, export)
                with workers(count) as client:
                    client.run(shard, lake_url, SHARDS * PLAYERS)  # It loads the modules.
                    started = time.perf_counter()
                    found = client.gather(
                        [client.submit(shard, lake_url, n, pure=False) for n in range(SHARDS)]
                    )
                    seconds[count].append(time.perf_counter() - started)
                assert sum(found) > 0.8 * ORPHANS
    one, two = (median(found) for found in seconds.values())
    print(f"\n{ORPHANS:,} orphans: one worker {one:.1f} s, two {two:.1f} s, ratio {one / two:.2f}")
    assert one / two >= 1.5
