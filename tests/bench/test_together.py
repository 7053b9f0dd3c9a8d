"""Orphans against an import of scores, and a single play beside bulk work, as ratios taken in one run.

The ratios are of processor time where another process could be in the way, and the two sides take turns.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import tachi_data as td

pytestmark = pytest.mark.bench
TURNS = 6


class Stopwatch:
    """The processor and wall seconds of named pieces of work; the first turn of each is not counted."""

    def __init__(self) -> None:
        self._spent: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def timed(self, name: str, work: Callable[[], object]) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        work()
        spent = time.process_time() - processor, time.perf_counter() - wall
        self._spent[name].append(spent)

    def processor(self, name: str) -> float:
        return median(processor for processor, _ in self._spent[name][1:])

    def wall(self, name: str) -> float:
        return median(wall for _, wall in self._spent[name][1:])

    def ratio(self, one: str, other: str, most: float) -> float:
        """The ratio of processor times, which is told with that of wall times."""
        ratio = self.processor(one) / self.processor(other)
        wall = self.wall(one) / self.wall(other)
        print(f"\n{one} against {other}: {ratio:.2f} (wall {wall:.2f}), at most {most}")
        return ratio


def unzipped(shared: Path, name: str) -> bytes:
    return gzip.decompress((shared / "bench" / name).read_bytes())


def of_player(orphans: bytes, user_id: int) -> bytes:
    """The export of a player's orphans."""
    documents: list[dict[str, Any]] = [json.loads(line) for line in orphans.splitlines()]
    return "\n".join(json.dumps({**d, "userID": user_id}) for d in documents).encode()


def test_orphans_against_an_import_of_a_thousand_scores(shared: Path, tmp_path: Path) -> None:
    """Half of the orphans match. With 2,000 the scores are as many as those of the import."""
    content = unzipped(shared, "batch-manual-iidx-sp-1000.json.gz")
    watch, export = Stopwatch(), tmp_path / "orphans.ndjson"
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["iidx", "sdvx"])
        for turn in range(TURNS):
            for place, count in enumerate((2_000, 10_000)):
                player = 10 * turn + place + 1
                orphans = unzipped(shared, f"orphans-{count}.ndjson.gz")
                export.write_bytes(of_player(orphans, player))
                td.ingest_orphans(store, export)
                reports = []
                watch.timed(
                    f"{count:,} orphans",
                    lambda p=player, r=reports: r.append(td.reprocess_orphans(store, [p])),  # type: ignore[misc]
                )
                assert 0.45 * count < reports[0].success < 0.55 * count
                watch.timed(
                    "1,000 scores",
                    lambda p=player: td.import_scores(  # type: ignore[misc]
                        store, "file/batch-manual", content, user_id=1_000 + p
                    ),
                )
    assert watch.ratio("2,000 orphans", "1,000 scores", 1.2) <= 1.2
    assert watch.ratio("10,000 orphans", "1,000 scores", 2) <= 2
