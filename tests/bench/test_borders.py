"""What validating every border costs, against the same imports with validation replaced by nothing."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from statistics import median

import polars as pl
import pytest

import tachi_data as td
from tachi_data import schemas
from tachi_data.schemas.checking import FAILURES

pytestmark = pytest.mark.bench
NOTHING = pl.DataFrame(schema=FAILURES)


def alternated(
    store: td.Store, sources: Iterator[bytes], turns: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[float, float]:
    """The median seconds of processor time of an import with and without validation, in turn.

    The turns go A B B A, and nothing is kept: a store that grows would cost the later turns more than validation does.
    """
    spent: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * turns):
        is_validated = turn % 4 in (1, 2)
        with monkeypatch.context() as patch:
            if not is_validated:
                patch.setattr(schemas, "failures", lambda frame, schema: NOTHING)
            source = next(sources)
            started = time.process_time()
            td.import_scores(store, "file/batch-manual", source, user_id=1, dry_run=True)
            spent[is_validated].append(time.process_time() - started)
    return median(spent[True]), median(spent[False])


@pytest.mark.parametrize("game", ["sdvx", "iidx-sp"])
def test_validation_of_twenty_thousand_scores(
    game: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = gzip.decompress(
        (shared / "bench" / f"batch-manual-{game}-20000.json.gz").read_bytes()
    )
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=[game.partition("-")[0]])
        td.import_scores(store, "file/batch-manual", content, user_id=999, dry_run=True)
        with_it, without = alternated(store, repeat(content), 16, monkeypatch)
    share = with_it / without - 1
    print(f"\n{game}: {with_it:.3f} s, without validation {without:.3f} s: {share:.1%} more")
    assert share <= 0.10


def test_validation_of_one_score(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = gzip.decompress((shared / "bench" / "batch-manual-sdvx-1000.json.gz").read_bytes())
    document = json.loads(content)
    plays = (json.dumps({**document, "scores": [score]}).encode() for score in document["scores"])
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        td.import_scores(store, "file/batch-manual", content, user_id=999, dry_run=True)
        with_it, without = alternated(store, plays, 100, monkeypatch)
    more = (with_it - without) * 1000
    print(f"\none score: {with_it * 1000:.0f} ms, validation {more:.1f} ms of it")
    assert more <= 20
