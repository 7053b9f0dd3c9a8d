"""Speed, as ratios taken in one run: an import against the least that any import has to do."""

import gzip
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import orjson
import polars as pl
import pytest

import tachi_data as td
from tachi_data.sample import orphan_export
from tests.bench.documents import write_scores
from tests.bench.stopwatch import Stopwatch

pytestmark = pytest.mark.bench


def floor(content: bytes, charts: pl.DataFrame, folder: Path) -> None:
    """Read the JSON, hash each score, join once, and insert the rows into a new file."""
    path = folder / "floor.duckdb"
    path.unlink(missing_ok=True)
    scores = pl.DataFrame(orjson.loads(content)["scores"], infer_schema_length=None)
    ids = [
        hashlib.sha256(repr(row).encode()).hexdigest()
        for row in scores.select("score", "lamp", "identifier").rows()
    ]
    scores = scores.with_columns(score_id=pl.Series(ids)).join(
        charts, left_on="identifier", right_on="title", how="left"
    )
    with duckdb.connect(str(path)) as con:
        con.register("scores", scores)
        con.execute("CREATE TABLE stored AS FROM scores")


def test_an_import_against_the_floor(shared: Path, tmp_path: Path) -> None:
    content = gzip.decompress((shared / "bench" / "batch-manual-sdvx-20000.json.gz").read_bytes())
    songs = json.loads((shared / "catalogue" / "songs-sdvx.json").read_text())
    charts = pl.DataFrame(
        {"title": [s["title"] for s in songs], "song_id": [s["id"] for s in songs]}
    ).unique("title")
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        td.import_scores(store, "file/batch-manual", content, user_id=999, dry_run=True)
        users, watch = iter(range(1, 100)), Stopwatch()
        for _ in range(8):
            watch.timed(
                "20,000 scores",
                lambda: td.import_scores(store, "file/batch-manual", content, user_id=next(users)),
            )
            watch.timed("the floor", lambda: floor(content, charts, tmp_path))
    assert watch.ratio("20,000 scores", "the floor", 2.5) <= 2.5


def test_orphans_against_a_plain_import(shared: Path, tmp_path: Path) -> None:
    content = gzip.decompress(
        (shared / "bench" / "batch-manual-iidx-sp-20000.json.gz").read_bytes()
    )
    half = json.loads(content)
    half["scores"] = half["scores"][:10_000]
    source = json.dumps(half).encode()
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["iidx", "sdvx"])
        td.import_scores(store, "file/batch-manual", source, user_id=999, dry_run=True)
        started = time.perf_counter()
        td.import_scores(store, "file/batch-manual", source, user_id=50)
        plain = time.perf_counter() - started
        td.ingest_orphans(store, shared / "bench" / "orphans-10000.ndjson.gz")
        started = time.perf_counter()
        report = td.reprocess_orphans(store, [1])
        orphans = time.perf_counter() - started
    with td.open_store(tmp_path / "smaller.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["iidx", "sdvx"])
        td.ingest_orphans(store, shared / "bench" / "orphans-2000.ndjson.gz")
        started = time.perf_counter()
        td.reprocess_orphans(store, [1])
        fewer = time.perf_counter() - started
    print(
        f"\n10,000 orphans {orphans:.2f} s, plain import {plain:.2f} s, ratio {orphans / plain:.2f}; "
        f"per orphan {orphans / 10_000 / (fewer / 2_000):.2f} of what 2,000 cost"
    )
    assert report.success > 4_500
    assert orphans / plain < 1.5
    assert orphans / 10_000 <= fewer / 2_000


MILLION = 1_000_000
MEASURED = """
import json, resource, sys, time
import tachi_data as td

with td.open_store(sys.argv[1]) as store:
    started = time.perf_counter()
    full = td.reprocess_orphans(store)
    seconds = time.perf_counter() - started
    td.patch_catalogue(store, json.load(open(sys.argv[2])))
    started = time.perf_counter()
    changed = td.reprocess_orphans(store, only_changed=True)
    print(json.dumps({
        "full_s": seconds, "processed": full.processed, "changed_s": time.perf_counter() - started,
        "changed": changed.processed,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))
"""


def test_a_million_orphans(sample: Path, tmp_path: Path) -> None:
    export, path, patch = tmp_path / "o.ndjson", tmp_path / "s.duckdb", tmp_path / "patch.json"
    with export.open("wb") as file:
        file.writelines(orphan_export(MILLION, matching=0.001))
    with td.open_store(path) as store:
        td.load_catalogue(store, sample / "catalogue")
        td.ingest_orphans(store, export)
        wanted = store.query(
            "SELECT DISTINCT song_exact, playtype, difficulty FROM orphans "
            "WHERE song_exact LIKE '%Unheard%' ORDER BY ordinal LIMIT 1000"
        )
    songs, charts = [], []
    for number, (title, playtype, difficulty) in enumerate(wanted.iter_rows()):
        song = {"id": 900_000 + number, "title": title, "artist": "x", "altTitles": []}
        songs.append(song | {"searchTerms": [], "data": {"displayVersion": "exceed"}})
        chart = {"chartID": f"new-{number}", "songID": song["id"], "playtype": playtype}
        chart |= {"difficulty": difficulty, "level": "10", "levelNum": 10, "isPrimary": True}
        charts.append(chart | {"versions": ["exceed"], "data": {"inGameID": 900_000 + number}})
    patch.write_text(json.dumps({"songs-sdvx": songs, "charts-sdvx": charts}))
    command = [sys.executable, "-c", MEASURED, str(path), str(patch)]
    measured = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(f"\n1,000,000 orphans: {measured}")
    assert measured["processed"] == MILLION
    assert measured["changed"] >= 1000
    assert measured["full_s"] < 20
    assert measured["changed_s"] < 3
    assert measured["peak_mib"] < 1536


def test_a_thousand_players_against_one(shared: Path, tmp_path: Path) -> None:
    content = json.loads(
        gzip.decompress((shared / "bench" / "batch-manual-iidx-sp-1000.json.gz").read_bytes())
    )
    source = json.dumps(content | {"scores": content["scores"][:50]}).encode()

    def post_steps(store: td.Store, players: range) -> tuple[float, float]:
        """Seconds of the whole, and of what follows when scores are stored."""
        jobs = [td.ImportJob("file/batch-manual", source, player) for player in players]
        started = time.perf_counter()
        outcomes = td.import_many(store, jobs)
        whole = time.perf_counter() - started
        assert all(len(outcome.document["scoreIDs"]) > 20 for outcome in outcomes)
        timings = store.query("SELECT timings FROM imports WHERE user_id = ?", [players[0]])
        spent = json.loads(timings["timings"][0])["abs"]
        return whole, sum(spent[step] for step in ("session", "pb", "ugs", "goal")) / 1000

    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["iidx"])
        post_steps(store, range(9_000, 9_001))
        one = min(post_steps(store, range(n, n + 1))[1] for n in range(8_000, 8_005))
        whole, many = post_steps(store, range(1, 1_001))
    print(
        f"\n1,000 players {whole:.2f} s, post-import steps {many:.2f} s, of one {one:.3f} s, ratio {many / one:.1f}"
    )
    assert many / one < 20


IMPORTED = """
import json, resource, sys, time
from pathlib import Path
import tachi_data as td

with td.open_store(sys.argv[1]) as store:
    spent = {}
    for player, path in enumerate(map(Path, sys.argv[2:]), 1):
        started = time.perf_counter()
        outcome = td.import_scores(store, "file/batch-manual", path, user_id=player)
        spent[path.stem] = time.perf_counter() - started
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def test_a_million_scores(shared: Path, tmp_path: Path) -> None:
    content = json.loads(
        gzip.decompress((shared / "bench" / "batch-manual-sdvx-20000.json.gz").read_bytes())
    )
    paths = [
        write_scores(content, count, tmp_path / f"{count}.json")
        for count in (1_000, 20_000, MILLION)
    ]
    path = tmp_path / "store.duckdb"
    with td.open_store(path) as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
    # The first one pays for imports of modules.
    command = [sys.executable, "-c", IMPORTED, str(path), str(paths[0]), *map(str, paths)]
    spent, peak = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    rates = {name: int(name) / seconds for name, seconds in spent.items()}
    told = ", ".join(f"{int(name):,}: {rate:,.0f}/s" for name, rate in rates.items())
    print(f"\n{told}; peak {peak:,.0f} MiB")
    assert peak < 4096
    assert rates[str(MILLION)] > 0.8 * rates["1000"]


def test_a_thousand_files_against_one(shared: Path, tmp_path: Path) -> None:
    content = json.loads(
        gzip.decompress((shared / "bench" / "batch-manual-sdvx-20000.json.gz").read_bytes())
    )
    scores = content["scores"]
    files = [
        json.dumps(content | {"scores": scores[start : start + 20]}).encode()
        for start in range(0, 20_000, 20)
    ]
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        whole = json.dumps(content).encode()
        td.import_scores(store, "file/batch-manual", whole, user_id=9_999, dry_run=True)
        started = time.perf_counter()
        td.import_scores(store, "file/batch-manual", whole, user_id=9_998)
        one = time.perf_counter() - started
        jobs = [td.ImportJob("file/batch-manual", file, n) for n, file in enumerate(files, 1)]
        started = time.perf_counter()
        td.import_many(store, jobs)
        many = time.perf_counter() - started
    print(f"\n1,000 files {many:.2f} s, one {one:.2f} s, ratio {many / one:.2f}")
    assert many / one < 5
