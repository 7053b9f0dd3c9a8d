"""Stores and reports show themselves in one line, and in notebooks as HTML in which no text of others is a tag."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import tachi_data as td
from tests.catalogue.documents import SMALL
from tests.importing.world import NOW, job, score

BAD = "<b>Bold</b>"
KINDS = ("store", "diff", "outcome", "answer", "what_if", "ingested", "report")
TOLD = {
    "store": "scores_iidx",
    "what_if": "&lt;b&gt;",
    "ingested": "known",
    "report": "still wait",
    "answer": "&lt;b&gt;",
    "outcome": "&lt;b&gt;",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """One object of each kind, from a store whose orphans have a title with a tag."""
    folder = tmp_path_factory.mktemp("reports") / "<i>"
    folder.mkdir()
    with td.open_store(folder / "store.duckdb") as store:
        diff = td.patch_catalogue(store, SMALL)
        bad = [score(BAD, score=points, difficulty="HYPER") for points in (9, 10)]
        outcomes = td.import_many(store, [job(score(), *bad)], now=NOW)
        export = folder / "orphans.ndjson"
        documents = td.export_documents(store, "orphans")
        export.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
        yield {
            "store": store,
            "diff": diff,
            "outcome": outcomes[0],
            "answer": td.why_orphans(store),
            "what_if": td.what_if(store, alt_titles={BAD: "Étude"}),
            "ingested": td.ingest_orphans(store, export),
            "report": td.reprocess_orphans(store),
        }


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_one_short_line(shown: dict[str, object], kind: str) -> None:
    text = repr(shown[kind])
    assert "\n" not in text
    assert len(text) < 250
    assert "shape:" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_its_html_says_more_and_has_no_tag_of_others(shown: dict[str, object], kind: str) -> None:
    html = shown[kind]._repr_html_()  # type: ignore[attr-defined]
    assert "<b>" not in html
    assert "<i>" not in html
    assert TOLD.get(kind, "") in html


def test_a_closed_store_says_so(shown: dict[str, object]) -> None:
    store = shown["store"]
    assert isinstance(store, td.Store)
    with td.open_store(store.url) as other:
        pass
    assert "is closed" in other._repr_html_()


def test_a_store_shows_only_rows_that_are_still_there(shown: dict[str, object]) -> None:
    store = shown["store"]
    assert isinstance(store, td.Store)
    estimate = "SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'counted'"
    with store.write() as con:
        con.execute("CREATE TABLE counted AS SELECT range AS number FROM range(5000)")
    with store.write() as con:
        con.execute("DELETE FROM counted WHERE number % 3 = 0")
    assert store.query(estimate)["estimated_size"].to_list() == [5000]
    assert "<td>counted</td><td style='text-align:right'>3,333</td>" in store._repr_html_()
