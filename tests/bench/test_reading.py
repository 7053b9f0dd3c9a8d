"""Reading at the size of real stores: tidy frames of 1,000,000 scores, and why 1,000,000 orphans wait.

The bars are of processor time: it is at least the clock's on a machine that does nothing else.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.sample import batch_manual, catalogue, orphan_export

pytestmark = pytest.mark.bench
MILLION = 1_000_000
GAMES = ("iidx", "sdvx", "wacca")
COPY = """
INSERT INTO {table}
SELECT plays.* REPLACE (
    'T' || sha256(score_id || copies.range) AS score_id,
    user_id + copies.range AS user_id,
    ordinal + copies.range * 10000 AS ordinal
)
FROM {table} AS plays, range(1, $copies) AS copies
"""


def least(measure: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of the processor, the least of three times."""
    clock, processor = [], []
    for _ in range(3):
        started, used = time.perf_counter(), time.process_time()
        measure()
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    return min(clock), min(processor)


def test_a_million_scores_with_all_default_columns(sample: Path, tmp_path: Path) -> None:
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, sample / "catalogue")
        known = catalogue()
        files = [batch_manual(1800, game=game, collections=known, seed=1) for game in GAMES]
        td.import_many(store, [td.ImportJob("file/batch-manual", file, 1) for file in files])
        copies = MILLION // td.scores(store, columns=["user_id"]).height + 1
        with store.write() as con:
            for game in GAMES:
                con.execute(COPY.replace("{table}", f"scores_{game}"), {"copies": copies + 1})
        assert td.scores(store).height >= MILLION
        clock, processor = least(lambda: td.scores(store))
    print(f"\ntd.scores: {clock:.2f} s, of the processor {processor:.2f} s")
    assert processor < 1


def test_why_a_million_orphans_wait(sample: Path, tmp_path: Path) -> None:
    export = tmp_path / "orphans.ndjson"
    with export.open("wb") as file:
        file.writelines(orphan_export(MILLION, matching=0.001))
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, sample / "catalogue")
        td.ingest_orphans(store, export)
        td.reprocess_orphans(store)
        assert td.why_orphans(store).total > 0.99 * MILLION
        clock, processor = least(lambda: td.why_orphans(store))
    print(f"\nwhy_orphans: {clock:.2f} s, of the processor {processor:.2f} s")
    assert processor < 2
