"""What HTTP adds to an import, as ratios taken in one run."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import polars as pl
import pytest

import tachi_data as td
from tachi_data.store import Store, insert
from tests.service.servers import serving

pytestmark = pytest.mark.bench
T = TypeVar("T")


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
    """One look-up and one insert, committed."""
    row = pl.DataFrame({"user_id": [number], "time_added": [0]})
    with store.write() as con:
        con.execute("SELECT 1 FROM users WHERE user_id = ?", [number]).fetchall()
        insert(con, "users", row.with_columns(pl.col("time_added").cast(pl.Datetime("ms"))))


def test_one_score(shared: Path, tmp_path: Path) -> None:
    """A score that is stored: at most six times the smallest transaction, with opening the store for it.

    Where a store is open already, as in the service, that takes less; this ratio is only told.
    """
    name = "batch-manual-sdvx-1000.json.gz"
    document = json.loads(gzip.decompress((shared / "bench" / name).read_bytes()))
    seconds: dict[str, list[float]] = {"HTTP": [], "opened": [], "open already": []}

    def timed(what: str, do: Callable[[], T]) -> T:
        started = time.perf_counter()
        done = do()
        seconds[what].append(time.perf_counter() - started)
        return done

    with serving(tmp_path, rate_limits="false") as service:
        td.load_catalogue(service.store, shared / "catalogue", games=["sdvx"])
        headers = service.token(1)

        def opened(number: int) -> None:
            with td.open_store(service.store.url) as store:
                smallest(store, number)

        for turn, score in enumerate(document["scores"][:60]):
            content = json.dumps({**document, "scores": [score]}).encode()
            answer = timed("HTTP", partial(service.upload, content, headers))
            assert answer.status_code == 200
            if not answer.json()["body"]["scoreIDs"]:
                seconds["HTTP"].pop()  # It became an orphan, which takes less.
            ways: list[tuple[str, Callable[[int], None]]] = [
                ("opened", opened),
                ("open already", partial(smallest, service.store)),
            ]
            # What comes first finds the file as another process left it.
            for what, way in ways if turn % 2 else reversed(ways):
                timed(what, partial(way, 1000 + 2 * turn + (what == "opened")))
    http, floor, least = (median(took) * 1000 for took in seconds.values())
    print(f"\nHTTP {http:.0f} ms, transaction {floor:.0f} ms, ratio {http / floor:.1f}")
    print(f"where the store is open already {least:.0f} ms, ratio {http / least:.1f}")
    assert http / floor < 6
    assert http / least < 10
