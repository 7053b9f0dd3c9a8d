"""Ratings that would be, orphans that would match, and two imports side by side; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import tachi_data as td
from tests.catalogue.documents import SMALL
from tests.importing.world import NOW, job, score

COUNTS = """
SELECT (SELECT count(*) FROM all_scores), (SELECT count(*) FROM imports), (SELECT count(*) FROM orphans),
    (SELECT count(*) FROM catalogue_versions), (SELECT any_value(ratings) FROM game_stats)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    with td.open_store(tmp_path_factory.mktemp("what-ifs") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL)
        td.import_many(
            opened, [job(score(timeAchieved=NOW), score("Ettude", difficulty="HYPER"))], now=NOW
        )
        yield opened


@pytest.fixture(autouse=True)
def _nothing_is_stored(store: td.Store) -> Iterator[None]:
    before = store.query(COUNTS)
    yield
    assert store.query(COUNTS).equals(before)


def test_ratings_rise_with_better_scores(store: td.Store) -> None:
    mine = pl.DataFrame(
        {"title": ["Étude"], "difficulty": ["HYPER"], "score": [500], "lamp": ["CLEAR"]}
    )
    found = td.what_if_scores(store, 1, mine, "iidx:SP")
    lamps = found.row(by_predicate=pl.col("name") == "ktLampRating", named=True)
    assert lamps["after"] > lamps["before"]
    assert lamps["change"] == pytest.approx(lamps["after"] - lamps["before"])
    bests = td.personal_bests(store, 1)
    same = td.what_if_scores(store, 1, bests, "iidx:SP")
    assert same["before"].equals(same["after"], check_names=False)


def test_a_player_without_scores_begins_at_nothing(store: td.Store) -> None:
    found = td.what_if_scores(store, 99, td.personal_bests(store, 1))
    assert found["before"].null_count() == found.height > 0


def test_a_score_without_a_chart_is_named(store: td.Store) -> None:
    rows = td.personal_bests(store, 1).with_columns(title=pl.lit("Nowhere")).drop("song_id")
    with pytest.raises(td.TachiError, match=r"Row 0 of the iidx:SP scores .* no song .Nowhere"):
        td.what_if_scores(store, 1, rows)
    with pytest.raises(td.TachiError, match="Which game is this"):
        td.what_if_scores(store, 1, rows.drop("game"))


def test_another_title_would_bring_an_orphan_in(store: td.Store) -> None:
    found = td.what_if(store, alt_titles={"Ettude": "Étude"})
    assert found.rows.select("looked_for", "scores").rows() == [("Ettude", 1)]
    assert repr(found) == "<WhatIf: 1 of 1 orphans would become scores, 0 would be rejected>"
    with pytest.raises(td.CatalogueError, match="no song 'Étüde'"):
        td.what_if(store, alt_titles={"Ettude": "Étüde"})
    with pytest.raises(td.CatalogueError, match="Nothing is changed"):
        td.what_if(store)


def test_documents_do_without_a_folder(store: td.Store) -> None:
    (étude,) = [song for song in SMALL["songs-iidx"] if song["title"] == "Étude"]
    found = td.what_if(store, {"songs-iidx": [étude | {"altTitles": ["Ettude"]}]})
    assert found.report.success == 1


def test_a_run_gives_what_the_what_if_promised(store: td.Store, tmp_path: Path) -> None:
    """Also where orphans wait that were never tried."""
    with td.open_store(tmp_path / "other.duckdb") as other:
        td.copy_store(store, other)
        td.reprocess_orphans(other, now=NOW)
        lines = [
            {
                "importType": "ir/direct-manual",
                "userID": 2,
                "game": "iidx",
                "data": score(identifier="Étude", difficulty="HYPER", score=points),
                "context": {"game": "iidx", "playtype": "SP", "service": "old", "version": None},
            }
            for points in (10, 20)
        ]
        path = tmp_path / "orphans.ndjson"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        td.ingest_orphans(other, path)
        (étude,) = [song for song in SMALL["songs-iidx"] if song["title"] == "Étude"]
        patch = {"songs-iidx": [étude | {"altTitles": ["Ettude"]}]}
        promised = td.what_if(other, patch, now=NOW).report
        td.patch_catalogue(other, patch, now=NOW)
        done = td.reprocess_orphans(other, only_changed=True, now=NOW)
        assert (promised.success, promised.processed) == (done.success, done.processed) == (3, 3)


def test_two_imports_are_compared_row_by_row(store: td.Store) -> None:
    def outcome(*plays: dict[str, object]) -> td.ImportOutcome:
        (found,) = td.import_many(store, [job(*plays)], now=NOW, dry_run=True)
        return found

    first = outcome(score(score=5), score("Nowhere"), score(score=7))
    second = outcome(score(score=5), score("Étude", difficulty="HYPER"))
    found = td.compare(first, second)
    assert found.select("row", "outcome", "outcome_second").rows() == [
        (1, "SongOrChartNotFound", "ScoreImported"),
        (2, "ScoreImported", None),
    ]
    assert td.compare(first, first).is_empty()
    with pytest.raises(
        td.TachiError, match="second: expected the outcome of an import, got a dict"
    ):
        td.compare(first, first.document)  # type: ignore[arg-type]


def test_an_outcome_is_a_short_line_whatever_its_size(store: td.Store) -> None:
    many = [score(f"Song {number}", difficulty="HYPER") for number in range(300)]
    (outcome,) = td.import_many(store, [job(*many)], now=NOW, dry_run=True)
    assert len(repr(outcome)) < 200
    assert len(outcome._repr_html_()) < 2_000
    assert outcome.failed.height == 300
    (reason,) = outcome.by_reason.to_dicts()
    assert reason == {
        "outcome": "SongOrChartNotFound",
        "reason": 'The catalogue has no song "…".'.replace('"…"', "…"),
        "datapoints": 300,
        "example": 'The catalogue has no song "Song 0".',
        "first_row": 0,
    }
    assert len(repr(td.ImportJob("file/batch-manual", b"x" * 10_000, 1))) < 200
