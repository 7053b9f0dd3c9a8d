"""Speed, as ratios taken in one run: an import against the least that any import has to do."""

import gzip
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import orjson
import polars as pl
import pytest

import tachi_data as td
from tachi_data.sample import orphan_export

pytestmark = pytest.mark.bench


def floor(content: bytes, charts: pl.DataFrame, folder: Path) -> float:
    """Seconds to read the JSON, hash each score, join once, and insert the rows into a new file."""
    path = folder / "floor.duckdb"
    path.unlink(missing_ok=True)
    started = time.perf_counter()
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
    return time.perf_counter() - started


def best(times: int, measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(times))


def test_an_import_against_the_floor(shared: Path, tmp_path: Path) -> None:
    content = gzip.decompress((shared / "bench" / "batch-manual-sdvx-20000.json.gz").read_bytes())
    songs = json.loads((shared / "catalogue" / "songs-sdvx.json").read_text())
    charts = pl.DataFrame(
        {"title": [s["title"] for s in songs], "song_id": [s["id"] for s in songs]}
    ).unique("title")
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["sdvx"])
        td.import_scores(store, "file/batch-manual", content, user_id=999, dry_run=True)
        users = iter(range(1, 100))

        def imported() -> float:
            started = time.perf_counter()
            td.import_scores(store, "file/batch-manual", content, user_id=next(users))
            return time.perf_counter() - started

        whole, least = best(4, imported), best(4, lambda: floor(content, charts, tmp_path))
    print(f"\nimport {whole:.2f} s, floor {least:.2f} s, ratio {whole / least:.2f}")
    assert whole / least < 6


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
    print(
        f"\n10,000 orphans {orphans:.2f} s, plain import {plain:.2f} s, ratio {orphans / plain:.2f}"
    )
    assert report.success > 4_500
    assert orphans / plain < 2.5


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
        return whole, sum(spent[step] for step in ("session", "pb", "ugs", "goal", "quest")) / 1000

    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, shared / "catalogue", games=["iidx"])
        post_steps(store, range(9_000, 9_001))
        one = min(post_steps(store, range(n, n + 1))[1] for n in range(8_000, 8_005))
        whole, many = post_steps(store, range(1, 1_001))
    print(
        f"\n1,000 players {whole:.2f} s, post-import steps {many:.2f} s, of one {one:.3f} s, ratio {many / one:.1f}"
    )
    assert many / one < 20
