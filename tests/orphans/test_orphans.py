"""Orphans: kept once, tried again as sets, nothing lost."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

import tachi_data as td
from tachi_data.orphans import find_orphan, restore_orphans
from tests.orphans.documents import (
    NOW,
    SCORE,
    counters,
    document,
    new_song,
    submit,
    write_export,
)


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
    assert "score: 99999, the chart allows at most" in found["reason"]
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


def test_a_restored_orphan_is_due(store: td.Store) -> None:
    (orphan_id,) = submit(store, {**SCORE, "score": 99_999}).datapoints["orphan_id"]
    td.patch_catalogue(store, new_song())
    td.reprocess_orphans(store, now=NOW)
    restore_orphans(store, [orphan_id])
    td.patch_catalogue(store, new_song(notecount=99_999))
    assert counters(td.reprocess_orphans(store, only_due=True, now=NOW)) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timeInserted": {"$date": "yesterday"}}, "Not valid extended JSON"),
        ({"userID": {"$numberLong": "many"}}, "Not valid extended JSON"),
        ({"timeInserted": 1e300}, "timeInserted"),
        ({"timeInserted": -5}, "timeInserted"),
    ],
)
def test_ingest_refuses_a_bad_line_and_takes_the_others(
    store: td.Store, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    path = write_export(tmp_path / "orphans.ndjson", [document(1), document(2, **changes)])
    report = td.ingest_orphans(store, path, now=NOW)
    assert (report.count("taken"), report.count("refused")) == (1, 1)
    (refused,) = report.rows.filter(pl.col("what") == "refused").to_dicts()
    assert reason in refused["reason"]
    assert refused["first_line"] == 2


def test_ingest_reads_dates_with_and_without_a_zone(store: td.Store, tmp_path: Path) -> None:
    dates = ["2026-01-01T00:00:00.000Z", "2026-01-01T09:00:00+09:00", "2026-01-01T00:00:00"]
    lines = [document(n, timeInserted={"$date": date}) for n, date in enumerate(dates)]
    td.ingest_orphans(store, write_export(tmp_path / "orphans.ndjson", lines))
    assert store.query(
        "SELECT DISTINCT epoch_ms(time_inserted::TIMESTAMP) FROM orphans"
    ).rows() == [(NOW,)]


def test_documents_of_types_to_come_are_kept_and_reported(store: td.Store, tmp_path: Path) -> None:
    lines = [document(1), document(2, importType="api/not-yet")]
    report = td.ingest_orphans(store, write_export(tmp_path / "orphans.ndjson", lines))
    assert (report.count("taken"), report.count("kept")) == (1, 1)
    assert counters(td.reprocess_orphans(store, now=NOW)) == (2, 2, 0, 0)
    (error,) = store.query("SELECT last_error FROM orphans WHERE last_error IS NOT NULL")[
        "last_error"
    ]
    assert "api/not-yet" in error


def test_history_is_tried_by_a_run_over_changes(store: td.Store, tmp_path: Path) -> None:
    td.patch_catalogue(store, new_song())
    assert counters(td.reprocess_orphans(store, now=NOW)) == (0, 0, 0, 0)
    td.ingest_orphans(store, write_export(tmp_path / "orphans.ndjson", [document(1)]), now=NOW)
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (1, 0, 1, 0)


def test_what_the_catalogue_had_when_an_orphan_came_is_no_change(store: td.Store) -> None:
    td.patch_catalogue(store, new_song())
    submit(store, {**SCORE, "difficulty": "HYPER"})
    assert counters(td.reprocess_orphans(store, only_changed=True, now=NOW)) == (0, 0, 0, 0)
