"""Runs over orphans: what one is about, poison, busy players, time budgets, and kills at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data.players.locks import acquire, release
from tachi_data.sample import orphan_export
from tests.import_types.bodies import oraja
from tests.orphans.documents import (
    CONTEXT,
    NOW,
    SCORE,
    counters,
    document,
    new_song,
    submit,
    write_export,
)
from tests.stores import open_new

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
    path = write_export(tmp_path / "orphans.ndjson", lines)
    report = td.ingest_orphans(store, path, now=NOW)
    assert report.rows["count"].sum() == 20
    td.patch_catalogue(store, new_song())
    trial = counters(td.reprocess_orphans(store, dry_run=True, now=NOW))
    processed, failed, success, removed = counters(td.reprocess_orphans(store, now=NOW))
    assert trial == (processed, failed, success, removed)
    assert (success, removed) == (19, 0)
    assert processed == 19 + failed


def test_broken_json_in_the_store_is_isolated(store: td.Store, tmp_path: Path) -> None:
    path = write_export(tmp_path / "orphans.ndjson", map(document, range(9)))
    td.ingest_orphans(store, path, now=NOW)
    with store.write() as con:
        con.execute("UPDATE orphans SET data = '{' WHERE orphan_id = ?", [f"O{4:064x}"])
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, dry_run=True, now=NOW)) == (9, 1, 8, 0)
    assert counters(td.reprocess_orphans(store, now=NOW)) == (9, 1, 8, 0)
    assert store.query("SELECT last_error FROM orphans")["last_error"][0]


@pytest.mark.slow
def test_poison_among_many(store: td.Store, tmp_path: Path) -> None:
    count, places = 30_000, range(1_500, 30_000, 3_000)
    poison = dict(zip(places, POISON.values(), strict=False))
    lines = (
        document(n, data={**SCORE, "score": n % 1000}) | poison.get(n, {}) for n in range(count)
    )
    report = td.ingest_orphans(store, write_export(tmp_path / "orphans.ndjson", lines), now=NOW)
    refused = report.count("refused")
    assert report.rows["count"].sum() == count
    with store.write() as con:
        con.execute("UPDATE orphans SET data = '{' WHERE orphan_id = ?", [f"O{77:064x}"])
    td.patch_catalogue(store, new_song())
    processed, failed, success, removed = counters(td.reprocess_orphans(store, now=NOW))
    assert processed == count - refused
    assert failed == len(poison) - refused + 1
    assert success == 1000  # The others are the same plays, told again.
    assert removed == processed - failed - success
    unexplained = store.query("SELECT count(*) AS n FROM orphans WHERE last_error IS NULL")["n"][0]
    # A wrong title is no error: nothing was found, so it was not even tried.
    assert unexplained <= 1


def test_an_orphan_that_breaks_again_and_again_is_quarantined_until_something_changes(
    store: td.Store, tmp_path: Path
) -> None:
    td.patch_catalogue(store, new_song())
    td.ingest_orphans(
        store, write_export(tmp_path / "o.ndjson", [document(1, context={})]), now=NOW
    )
    for _ in range(7):
        assert counters(td.reprocess_orphans(store, now=NOW)) == (1, 1, 0, 0)
    attempts = "SELECT attempts, quarantined FROM orphans"
    assert store.query(attempts).rows() == [(5, True)]
    td.patch_catalogue(store, new_song(notecount=600))
    td.reprocess_orphans(store, now=NOW)
    assert store.query(attempts).rows() == [(6, True)]


@contextmanager
def busy(store: td.Store, user_id: int) -> Iterator[None]:
    """As if an import of this player were running."""
    with store.write() as con:
        acquire([user_id], "an import", con)
    yield
    with store.write() as con:
        release("an import", con)


def test_a_busy_player_is_left_for_the_next_run_and_not_forgotten(store: td.Store) -> None:
    submit(store, SCORE)
    submit(store, SCORE, user_id=2)
    td.patch_catalogue(store, new_song())
    with busy(store, 2):
        report = td.reprocess_orphans(store, now=NOW)
        assert counters(report) == (1, 0, 1, 0)
        assert report.deferred == 1
        with pytest.raises(td.ImportFatal) as refused:
            td.reprocess_orphans(store, [1, 2], now=NOW)
        assert refused.value.status_code == 409
        assert td.reprocess_orphans(store, [1, 2], now=NOW, defer_busy=True).deferred == 1
    # Nothing changed in the catalogue since, but it is due.
    report = td.reprocess_orphans(store, only_changed=True, now=NOW)
    assert counters(report) == (1, 0, 1, 0)
    assert report.deferred == 0


def test_a_busy_player_is_tried_once_more_at_the_end(store: td.Store) -> None:
    for number in range(4):
        submit(store, {**SCORE, "score": number})
        submit(store, {**SCORE, "score": number}, user_id=2)
    td.patch_catalogue(store, new_song())
    lock = busy(store, 2)
    lock.__enter__()
    seen = []

    def progress(report: td.OrphanReport) -> None:
        seen.append(report)
        if len(seen) == 3:
            lock.__exit__(None, None, None)

    report = td.reprocess_orphans(store, page_size=2, progress=progress, now=NOW)
    assert counters(report) == (8, 0, 8, 0)
    assert (report.deferred, seen[2].deferred) == (0, 3)
    assert all(r.processed == r.failed + r.success + r.removed for r in seen)


def test_a_stopped_run_counts_what_it_came_to_and_goes_on_from_there(store: td.Store) -> None:
    for number in range(6):
        submit(store, {**SCORE, "score": number}, {**SCORE, "identifier": f"Unknown {number}"})
    td.patch_catalogue(store, new_song())
    stopped = td.reprocess_orphans(store, budget_s=0, now=NOW)
    assert (counters(stopped), stopped.is_finished, stopped.total) == ((0, 0, 0, 0), False, 12)
    seen: list[td.OrphanReport] = []

    def stop_after_two_pages(report: td.OrphanReport) -> None:
        seen.append(report)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        td.reprocess_orphans(store, page_size=2, progress=stop_after_two_pages, now=NOW)
    assert counters(seen[-1]) == (7, 3, 4, 0)
    with store.write() as con:
        con.execute("UPDATE orphan_runs SET lease_until = make_timestamp_ms(0)")
    # The whole run's counters, over all its parts.
    assert counters(td.reprocess_orphans(store, now=NOW)) == (12, 6, 6, 0)
    assert counters(td.reprocess_orphans(store, now=NOW)) == (6, 6, 0, 0)


def test_a_change_of_the_catalogue_during_a_run_is_seen_by_the_next(store: td.Store) -> None:
    submit(store, SCORE)
    submit(store, {**SCORE, "identifier": "Other"}, user_id=2)
    other = new_song()
    other["songs-iidx"][0] |= {"id": 901, "title": "Other"}
    other["charts-iidx"][0] |= {"chartID": "other-a", "songID": 901}
    other["charts-iidx"][0]["data"] |= {"inGameID": 901}
    td.patch_catalogue(store, new_song())
    report = td.reprocess_orphans(
        store, now=NOW, progress=lambda _: td.patch_catalogue(store, other) and None
    )
    assert counters(report) == (2, 1, 1, 0)
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (1, 0, 1, 0)


def test_only_one_global_run_at_a_time(store: td.Store) -> None:
    submit(store, SCORE, SCORE | {"score": SCORE["score"] - 1})
    td.patch_catalogue(store, new_song())

    def start_another(report: td.OrphanReport) -> None:
        if not report.is_finished and report.processed < 2:
            with pytest.raises(td.TachiError, match="already"):
                td.reprocess_orphans(store, now=NOW)

    report = td.reprocess_orphans(store, page_size=1, progress=start_another, now=NOW)
    assert counters(report)[0] == 2


def test_a_chart_that_players_bring_in_brings_their_scores(tmp_path: Path) -> None:
    for mode in ("BEAT_7K", "POPN_9K"):
        with open_new(tmp_path / f"{mode}.duckdb") as store:
            for user in (1, 2, 3):
                body = oraja(chart={"mode": mode})
                outcome = td.import_scores(
                    store, "ir/beatoraja", body, user_id=user, now=NOW + user
                )
                assert bool(outcome.new_charts) == (user == 3)
            owners = sorted(s["userID"] for s in td.export_documents(store, "scores"))
            assert owners == [1, 2, 3]
            assert td.export_documents(store, "orphans") == []


CHILD = """
import sys, tachi_data as td
with td.open_store(sys.argv[1]) as store:
    with store.write() as con:
        con.execute("UPDATE orphan_runs SET lease_until = make_timestamp_ms(0)")
    print("begins", flush=True)
    td.reprocess_orphans(store, page_size=10, now=int(sys.argv[2]))
"""


@pytest.mark.slow
def test_kills_change_nothing(tmp_path: Path, sample: Path) -> None:
    export = tmp_path / "orphans.ndjson"
    export.write_bytes(b"".join(orphan_export(240, matching=0.9, users=7)))
    chance = random.Random(1)
    results = []
    for kills in (0, 6):
        path = tmp_path / f"store-{kills}.duckdb"
        with open_new(path, sample / "catalogue") as store:
            td.ingest_orphans(store, export, now=NOW)
        killed = 0
        for _ in range(kills):
            command = [sys.executable, "-c", CHILD, str(path), str(NOW)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == b"begins\n"
                time.sleep(chance.random() * 0.15)
                child.send_signal(signal.SIGKILL)
            killed += child.returncode == -signal.SIGKILL
        assert killed >= 0.5 * kills
        with td.open_store(path) as store:
            with store.write() as con:
                con.execute("UPDATE orphan_runs SET lease_until = make_timestamp_ms(0)")
            td.reprocess_orphans(store, page_size=10, now=NOW)
            totals = "SELECT sum(success)::INT, sum(removed)::INT FROM orphan_runs"
            scores = {d["scoreID"] for d in td.export_documents(store, "scores")}
            left = {d["orphanID"] for d in td.export_documents(store, "orphans")}
            assert not td.verify(store).height
            results.append((store.query(totals).row(0), scores, left))
    assert results[0] == results[1]
    assert len(results[0][1]) == results[0][0][0]
