"""Orphans against an import of scores, and a single play beside bulk work, as ratios taken in one run.

The ratios are of processor time where another process could be in the way, and the two sides take turns.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.bench.stopwatch import Stopwatch

pytestmark = pytest.mark.bench
TURNS = 6


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
