"""What HTTP adds to an import, as ratios taken in one run."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import polars as pl
import pytest

import tachi_data as td
from tachi_data.store import Store, insert
from tests.api.servers import serving

pytestmark = pytest.mark.bench


def test_a_large_import(shared: Path, tmp_path: Path) -> None:
    """At most 30 % more than the library's call, for 20,000 scores."""
    name = "batch-manual-sdvx-20000.json.gz"
    content = gzip.decompress((shared / "bench" / name).read_bytes())
    library, http = [], []
    with serving(tmp_path, rate_limits="false") as service:
        td.load_catalogue(service.store, shared / "catalogue", games=["sdvx"])
        for turn in range(4):
            headers = service.token(100 + turn)
            started = time.perf_counter()
            assert service.upload(content, headers).status_code == 200
            http.append(time.perf_counter() - started)
            started = time.perf_counter()
            td.import_scores(service.store, "file/batch-manual", content, user_id=200 + turn)
            library.append(time.perf_counter() - started)
    ratio = min(http) / min(library)
    print(f"\nHTTP {min(http):.2f} s, library {min(library):.2f} s, ratio {ratio:.2f}")
    assert ratio < 1.3


def smallest(store: Store, number: int) -> None:
    """Open, one look-up, one insert, commit."""
    row = pl.DataFrame({"user_id": [number], "time_added": [0]})
    with store.write() as con:
        con.execute("SELECT 1 FROM users WHERE user_id = ?", [number]).fetchall()
        insert(con, "users", row.with_columns(pl.col("time_added").cast(pl.Datetime("ms"))))


def test_one_score(shared: Path, tmp_path: Path) -> None:
    """Against the smallest transaction of the store. The goal is six times that, for a score that is stored."""
    name = "batch-manual-sdvx-1000.json.gz"
    document = json.loads(gzip.decompress((shared / "bench" / name).read_bytes()))
    least, http = [], []
    with serving(tmp_path, rate_limits="false") as service:
        td.load_catalogue(service.store, shared / "catalogue", games=["sdvx"])
        headers = service.token(1)
        for turn, score in enumerate(document["scores"][:40]):
            content = json.dumps({**document, "scores": [score]}).encode()
            started = time.perf_counter()
            answer = service.upload(content, headers)
            seconds = time.perf_counter() - started
            assert answer.status_code == 200
            if answer.json()["body"]["scoreIDs"]:  # What becomes an orphan takes less.
                http.append(seconds)
            started = time.perf_counter()
            smallest(service.store, 1000 + turn)
            least.append(time.perf_counter() - started)
    one, floor = min(http), min(least)
    print(f"\nHTTP {one * 1000:.0f} ms, transaction {floor * 1000:.0f} ms, ratio {one / floor:.1f}")
    assert one / floor < 10
