"""Moving a store to v3 against ``verify --repair``; a tenth as many orphans as scores, whose charts v3 brings.

``TACHI_MOVED`` is the number of scores, 1,000,000 by default.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data.sample import batch_manual, orphan_export
from tests.catalogue.documents import write
from tests.upkeep.moving import NOW, in_v3

pytestmark = pytest.mark.bench

SCORES, PLAYERS = int(os.environ.get("TACHI_MOVED", "1000000")), 20
MEASURED = """
import json, resource, sys, time
import tachi_data as td

with td.open_store(sys.argv[1]) as store:
    started = time.perf_counter()
    if len(sys.argv) > 2:
        told = list(td.load_catalogue(store, sys.argv[2]).followed)
    else:
        told = td.verify(store, repair=True).height
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"s": seconds, "peak_mib": peak, "told": told}))
"""


def halves(catalogue: Path) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The sample's documents of v2 without the even songs of sdvx; and these songs with their charts."""
    read = {path.stem: json.loads(path.read_text()) for path in catalogue.glob("*.json")}
    old = {name: read[name] for name in read if not name.endswith(("goals", "quests", "folders"))}
    new: dict[str, list[Any]] = {}
    for name, key in (("songs-sdvx", "id"), ("charts-sdvx", "songID")):
        new[name] = [d for d in read[name] if d[key] % 2 == 0]
        old[name] = [d for d in read[name] if d[key] % 2]
    return old, new


def measured(path: Path, *more: Path) -> dict[str, Any]:
    copy = shutil.copy(path, path.with_name(f"copy-{len(more)}.duckdb"))
    command = [sys.executable, "-c", MEASURED, str(copy), *map(str, more)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(f"\n{SCORES:,} scores, {'move' if more else 'verify --repair'}: {found}")
    return dict(found)


def test_a_move_with_orphans_whose_charts_v3_brings(sample: Path, tmp_path: Path) -> None:
    old, new = halves(sample / "catalogue")
    path, export = tmp_path / "store.duckdb", tmp_path / "orphans.ndjson"
    with export.open("wb") as file:
        lines = orphan_export(SCORES // 10, matching=1, users=PLAYERS, collections=new)
        file.writelines(lines)
    with td.open_store(path) as store:
        td.load_catalogue(store, write(tmp_path / "v2", old), now=NOW)
        for player in range(1, PLAYERS + 1):
            content = batch_manual(SCORES // PLAYERS, collections=old, unknown=0, seed=player)
            td.import_scores(store, "file/batch-manual", content, user_id=player)
        td.ingest_orphans(store, export)
        before = store.query("SELECT count(*) AS n FROM scores_sdvx")["n"][0]
        waiting = store.query("SELECT count(*) AS n FROM orphans")["n"][0]
    assert before > 0.99 * SCORES
    assert waiting > 0.09 * SCORES
    moved = measured(path, in_v3(sample / "catalogue", tmp_path / "v3"))
    repaired = measured(path)
    with td.open_store(path.with_name("copy-1.duckdb")) as store:
        after = store.query("SELECT count(*) AS n FROM scores_sdvx")["n"][0]
        assert store.query("FROM orphans LIMIT 1").is_empty()
        assert td.verify(store).is_empty()
    assert after > before
    assert moved["s"] / repaired["s"] < 3
    assert moved["peak_mib"] < 2048
