"""What the number of stored scores costs: the same imports into an empty store and into a full one."""

from __future__ import annotations

import gzip
import json
import os
import time
from itertools import count
from pathlib import Path
from statistics import median

import pytest

import tachi_data as td

pytestmark = pytest.mark.bench
STORED = int(os.environ.get("TACHI_BENCH_SCORES", "1_000_000"))
EACH = 1_000
# Rows of one player, again for each of many others; what is told apart by more than the player is made different, too.
COPIES = """
INSERT INTO {table} SELECT one.* REPLACE ({changes})
FROM {table} AS one, range(2, $players + 1) AS copied(n)
WHERE one.user_id = 1
"""
CHANGES = {
    "user_id": "n",
    "ordinal": "ordinal + n * 1000",
    "score_id": "'T' || sha256(score_id || n)",
    "session_id": "'Q' || substr(sha256(session_id || n), 1, 40)",
    "import_id": "substr(sha256(import_id || n), 1, 40)",
}


def fill(store: td.Store, content: bytes, players: int) -> None:
    """Give many players the scores of one."""
    td.import_scores(store, "file/batch-manual", content, user_id=1)
    with store.write() as con:
        tables = con.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'store' "
            "AND table_name IN (SELECT table_name FROM duckdb_tables()) "
            "GROUP BY table_name HAVING list_contains(list(column_name), 'user_id')"
        ).fetchall()
        for table, columns in tables:
            changes = ", ".join(f"{made} AS {c}" for c, made in CHANGES.items() if c in columns)
            con.execute(COPIES.format(table=f'"{table}"', changes=changes), {"players": players})
        con.execute("UPDATE counters SET value = value + 1000 * ($1 + 2)", [players])


def test_imports_into_a_store_of_many_scores(shared: Path, tmp_path: Path) -> None:
    content = gzip.decompress((shared / "bench" / "batch-manual-sdvx-1000.json.gz").read_bytes())
    document = json.loads(content)
    plays = [json.dumps({**document, "scores": [s]}).encode() for s in document["scores"]]
    stores = {}
    for name, players in (("empty", 1), ("full", STORED // EACH)):
        stores[name] = td.open_store(tmp_path / f"{name}.duckdb")
        td.load_catalogue(stores[name], shared / "catalogue", games=["sdvx"])
        fill(stores[name], content, players)
    new = count(1_000_000)
    kinds = {
        "one score": lambda: [td.ImportJob("file/batch-manual", plays[0], next(new))],
        "64 scores": lambda: [td.ImportJob("file/batch-manual", p, next(new)) for p in plays[:64]],
        "1,000 scores": lambda: [td.ImportJob("file/batch-manual", content, next(new))],
        # Players with a past have more to compare with.
        "of a player": lambda: [td.ImportJob("file/batch-manual", plays[next(new) % EACH], 1)],
    }
    ratios = {}
    for kind, jobs in kinds.items():
        spent: dict[str, list[float]] = {"empty": [], "full": []}
        for turn in range(12):
            for name in ("empty", "full") if turn % 2 else ("full", "empty"):
                started = time.process_time()
                td.import_many(stores[name], jobs())
                spent[name].append(time.process_time() - started)
        empty, full = (median(spent[name][2:]) for name in ("empty", "full"))
        ratios[kind] = full / empty
        print(f"\n{kind}: {empty:.3f} s, beside {STORED:,} scores {full:.3f} s, {full / empty:.2f}")
    assert max(ratios.values()) <= 1.5
