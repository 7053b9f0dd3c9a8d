"""Orphans: kept once, tried again as sets, nothing lost."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tachi_data as td
from tachi_data.orphans import find_orphan, restore_orphans, triage
from tachi_data.sample import orphan_export

NOW = 1_767_225_600_000
CONTEXT = {"game": "iidx", "playtype": "SP", "service": "foo", "version": None}
SCORE = {
    "matchType": "songTitle",
    "identifier": "New Song",
    "difficulty": "ANOTHER",
    "score": 500,
    "lamp": "CLEAR",
}


@pytest.fixture
def store(tmp_path: Path, sample: Path) -> Iterator[td.Store]:
    with td.open_store(tmp_path / "store.duckdb") as opened:
        td.load_catalogue(opened, sample / "catalogue")
        yield opened


def new_song(notecount: int = 500) -> dict[str, list[dict[str, Any]]]:
    song = {"id": 900, "title": "New Song", "artist": "x", "altTitles": [], "searchTerms": []}
    chart = {
        "chartID": "new-song-a",
        "songID": 900,
        "playtype": "SP",
        "difficulty": "ANOTHER",
        "level": "10",
        "levelNum": 10,
        "isPrimary": True,
        "versions": ["31"],
        "data": {"inGameID": 900, "notecount": notecount, "hashSHA256": None, "2dxtraSet": None},
    }
    chart["data"] |= {"kaidenAverage": None, "worldRecord": None, "bpiCoefficient": None}
    data = {"displayVersion": "31", "genre": "x"}
    return {"songs-iidx": [{**song, "data": data}], "charts-iidx": [chart]}


def submit(store: td.Store, *scores: dict[str, Any], user_id: int = 1) -> td.ImportOutcome:
    body = {"meta": {"game": "iidx", "playtype": "SP", "service": "foo"}, "scores": list(scores)}
    return td.import_scores(store, "ir/direct-manual", body, user_id=user_id, now=NOW)


def counters(report: td.OrphanReport) -> tuple[int, int, int, int]:
    assert report.processed == report.failed + report.success + report.removed
    return report.processed, report.failed, report.success, report.removed


def test_no_orphans_gives_zeros(store: td.Store) -> None:
    assert counters(td.reprocess_orphans(store, [1])) == (0, 0, 0, 0)


def test_one_of_two_becomes_a_score(store: td.Store) -> None:
    submit(store, SCORE, {**SCORE, "identifier": "Still Unknown"})
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (2, 1, 1, 0)
    (score,) = td.export_documents(store, "scores", user_id=1)
    assert score["chartID"] == "new-song-a"
    assert score["service"] == "foo (DIRECT-MANUAL)"
    assert len(td.export_documents(store, "orphans", user_id=1)) == 1
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (1, 1, 0, 0)


def test_an_impossible_value_is_archived_and_can_be_restored(store: td.Store) -> None:
    outcome = submit(store, {**SCORE, "score": 99_999})
    (orphan_id,) = outcome.datapoints["orphan_id"]
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (1, 0, 0, 1)
    assert td.export_documents(store, "orphans", user_id=1) == []
    found = find_orphan(store, orphan_id)
    assert found is not None
    assert found["state"] == "archived"
    assert "at most what the chart allows" in found["reason"]
    assert restore_orphans(store, [orphan_id]) == 1
    assert len(td.export_documents(store, "orphans", user_id=1)) == 1


def test_equal_scores_become_one(store: td.Store) -> None:
    submit(store, SCORE, {**SCORE, "comment": "the same play, told twice"})
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (2, 0, 1, 1)


def test_a_score_imported_meanwhile_is_left_alone(store: td.Store) -> None:
    submit(store, SCORE)
    td.patch_catalogue(store, new_song())
    submit(store, SCORE)
    before = td.export_documents(store, "scores", user_id=1)
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (1, 0, 0, 1)
    assert td.export_documents(store, "scores", user_id=1) == before


def test_other_users_are_untouched(store: td.Store) -> None:
    submit(store, SCORE)
    submit(store, SCORE, user_id=2)
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, [1], now=NOW)) == (1, 0, 1, 0)
    assert len(td.export_documents(store, "orphans", user_id=2)) == 1


def test_a_dry_run_changes_nothing(store: td.Store) -> None:
    submit(store, SCORE)
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, dry_run=True, now=NOW)) == (1, 0, 1, 0)
    assert td.export_documents(store, "scores") == []
    assert len(td.export_documents(store, "orphans")) == 1


def test_what_was_deorphaned_can_be_shown_and_reverted(store: td.Store) -> None:
    submit(store, SCORE)
    td.patch_catalogue(store, new_song())
    td.reprocess_orphans(store, now=NOW)
    record = next(i for i in td.export_documents(store, "imports") if i["importType"] == "orphans")
    assert len(record["scoreIDs"]) == 1
    assert td.revert_import(store, record["importID"]) == 1
    assert td.export_documents(store, "scores") == []


def test_only_changed_looks_at_what_changed(store: td.Store) -> None:
    submit(store, SCORE, {**SCORE, "identifier": "Still Unknown"})
    assert counters(td.reprocess_orphans(store, now=NOW)) == (2, 2, 0, 0)
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (0, 0, 0, 0)
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (1, 0, 1, 0)


def document(number: int, **changes: Any) -> dict[str, Any]:
    data = {**SCORE, "score": 100 + number}
    facts = {"importType": "ir/direct-manual", "userID": 1, "data": data, "context": CONTEXT}
    return {**facts, "game": "iidx", "orphanID": f"O{number:064x}", "timeInserted": NOW} | changes


POISON = {
    "unknown type": {"importType": "file/no-such-type"},
    "no object": {"data": [1, 2, 3]},
    "wrong types": {"data": {**SCORE, "score": "many"}},
    "missing field": {"data": {"matchType": "songTitle"}},
    "no context": {"context": {}},
    "unknown playtype": {"context": {**CONTEXT, "playtype": "TP"}},
    "large": {"data": {**SCORE, "identifier": "x" * 10_000_000}},
    "surrogate": {"data": {**SCORE, "identifier": "\ud800"}},
    "unknown game": {"game": "nope"},
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poison_fails_alone(store: td.Store, tmp_path: Path, poison: dict[str, Any]) -> None:
    lines = [document(n) for n in range(20)]
    lines[7] |= poison
    path = tmp_path / "orphans.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = td.ingest_orphans(store, path, now=NOW)
    assert report.rows["count"].sum() == 20
    td.patch_catalogue(store, new_song())
    processed, failed, success, removed = counters(td.reprocess_orphans(store, now=NOW))
    assert (success, removed) == (19, 0)
    assert processed == 19 + failed


def test_broken_json_in_the_store_is_isolated(store: td.Store, tmp_path: Path) -> None:
    path = tmp_path / "orphans.ndjson"
    path.write_text("".join(json.dumps(document(n)) + "\n" for n in range(9)))
    td.ingest_orphans(store, path, now=NOW)
    with store.write() as con:
        con.execute("UPDATE orphans SET data = '{' WHERE orphan_id = ?", [f"O{4:064x}"])
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, now=NOW)) == (9, 1, 8, 0)
    assert store.query("SELECT last_error FROM orphans")["last_error"][0]


def test_ingest_reads_extended_json_gzip_and_reports_bad_lines(
    store: td.Store, tmp_path: Path
) -> None:
    extended = document(
        1,
        timeInserted={"$numberLong": str(NOW)},
        _id={"$oid": "0" * 24},
        userID={"$numberInt": "1"},
    )
    lines = [
        json.dumps(extended),
        "not json",
        json.dumps(document(2)),
        json.dumps(document(2)),
        '{"userID": 1}',
    ]
    path = tmp_path / "orphans.ndjson.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    report = td.ingest_orphans(store, path)
    assert (report.count("taken"), report.count("known"), report.count("refused")) == (2, 1, 2)
    refused = report.rows.filter(pl.col("what") == "refused")
    assert set(refused["first_line"]) == {2, 5}
    again = td.ingest_orphans(store, path)
    assert (again.count("taken"), again.count("known")) == (0, 3)


def test_triage_says_why(store: td.Store) -> None:
    submit(store, {**SCORE, "identifier": "Hollow  Arcadia 41"}, {**SCORE, "identifier": "zzz qqq"})
    groups = triage(store)
    reasons = dict(groups.select("looked_for", "reason").iter_rows())
    assert reasons == {
        "Hollow  Arcadia 41": "differs only in white space",
        "zzz qqq": "unknown song",
    }


def test_the_sample_becomes_scores_when_the_catalogue_grows(store: td.Store, sample: Path) -> None:
    path = sample / "imports" / "batch-manual-iidx-akari.json"
    first = td.import_scores(store, "file/batch-manual", path, user_id=1, now=NOW)
    waiting = (first.datapoints["outcome"] == "SongOrChartNotFound").sum()
    td.load_catalogue(store, sample / "catalogue-newer")
    report = td.reprocess_orphans(store, now=NOW)
    assert report.success > waiting / 2
    whole = td.open_store(store.path.with_name("whole.duckdb"))
    td.load_catalogue(whole, sample / "catalogue-newer")
    td.import_scores(whole, "file/batch-manual", path, user_id=1, now=NOW)

    def ids(of: td.Store, kind: str, key: str) -> set[str]:
        return {d[key] for d in td.export_documents(of, kind, user_id=1)}

    assert ids(store, "scores", "scoreID") == ids(whole, "scores", "scoreID")
    assert ids(store, "pbs", "chartID") == ids(whole, "pbs", "chartID")
    stats = [td.export_documents(s, "gameStats", user_id=1)[0]["ratings"] for s in (store, whole)]
    assert stats[0] == pytest.approx(stats[1], rel=1e-12)
    whole.close()


CHILD = """
import sys, tachi_data as td
with td.open_store(sys.argv[1]) as store:
    td.reprocess_orphans(store, page_size=40, now=int(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, sample: Path) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(600, matching=0.5, users=7)))
    results = []
    chance = random.Random(1)
    for kills in (0, 6):
        path = tmp_path / f"store-{kills}.duckdb"
        with td.open_store(path) as opened:
            td.load_catalogue(opened, sample / "catalogue")
            td.ingest_orphans(opened, export, now=NOW)
        for _ in range(kills):
            child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(NOW)])
            time.sleep(0.8 + chance.random() * 1.5)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            with td.open_store(path) as opened, opened.write() as con:
                con.execute("UPDATE orphan_runs SET lease_until = make_timestamp_ms(0)")
        with td.open_store(path) as opened:
            td.reprocess_orphans(opened, page_size=40, now=NOW)
            runs = opened.query(
                "SELECT sum(success)::INT AS s, sum(removed)::INT AS r FROM orphan_runs"
            )
            scores = {d["scoreID"] for d in td.export_documents(opened, "scores")}
            left = {d["orphanID"] for d in td.export_documents(opened, "orphans")}
        results.append((runs.row(0), scores, left))
    assert results[0] == results[1]
    assert len(results[0][1]) == results[0][0][0]
