"""The mistakes of a first hour: each is refused in one sentence of ours, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest

import tachi_data as td
from tests.catalogue.documents import SMALL

PLAYS = {"meta": {"game": "iidx", "playtype": "SP", "service": "test"}, "scores": []}
MANUAL = "file/batch-manual"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    with td.open_store(tmp_path_factory.mktemp("beginners") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL)
        yield opened


MISTAKES: dict[str, tuple[Callable[[td.Store], object], str]] = {
    "a dict where a file is wanted": (
        lambda store: td.import_scores(store, MANUAL, PLAYS, user_id=1),
        r"source: expected the path or the bytes of a file \(of a document: json.dumps\(document\)",
    ),
    "a list where a file is wanted": (
        lambda store: td.import_scores(store, MANUAL, [1], user_id=1),
        "source: expected the path or the bytes of a file",
    ),
    "nothing where a file is wanted": (
        lambda store: td.import_scores(store, MANUAL, None, user_id=1),
        "source: expected the path or the bytes of a file, got None",
    ),
    "half of an import type": (
        lambda store: td.import_scores(store, "batch-manual", b"{}", user_id=1),
        "There is no import type 'batch-manual'. Did you mean file/batch-manual",
    ),
    "a name for a player": (
        lambda store: td.import_scores(store, MANUAL, b"{}", user_id="akari"),  # type: ignore[arg-type]
        "user_id: expected the number of a player, such as 1, got 'akari'",
    ),
    "one job for a list": (
        lambda store: td.import_many(store, td.ImportJob(MANUAL, b"{}", 1)),  # type: ignore[arg-type]
        "jobs: expected a list, such as",
    ),
    "a path where a store is wanted": (
        lambda _: td.import_scores("tachi.duckdb", MANUAL, b"{}", user_id=1),  # type: ignore[arg-type]
        r"expected an open store, got a path: use tachi_data.open_store\('tachi.duckdb'\)",
    ),
    "a path where a store is read": (
        lambda _: td.scores("tachi.duckdb"),  # type: ignore[arg-type]
        "expected an open store, got a path",
    ),
    "no path": (lambda _: td.open_store(None), "A store is opened by its path or URL"),  # type: ignore[arg-type]
    "letters for score IDs": (
        lambda store: td.blacklist_scores(store, 1, "Tabc"),
        r"score_ids: expected a list, such as \[\"T…\"\], got 'Tabc'",
    ),
    "an unknown game of a catalogue": (
        lambda store: td.load_catalogue(store, "data/sample/catalogue", ["idx"]),
        "idx",
    ),
    "a player for a list of players": (
        lambda store: td.reprocess_orphans(store, 1),  # type: ignore[arg-type]
        r"user_ids: expected a list, such as \[1, 2\], got 1",
    ),
    "a goal for a list of goals": (
        lambda store: td.subscribe(store, 1, "G1"),
        "goals: expected a list",
    ),
    "a kind of documents": (
        lambda store: td.export_documents(store, "score"),
        "There is no kind of document 'score'. Did you mean scores",
    ),
    "a game of a schema": (lambda _: td.schemas.scores("iidx", "Single"), "There are: SP, DP"),
    "an import type of a schema": (
        lambda _: td.schemas.datapoints("batch-manual"),
        "Did you mean file/batch-manual",
    ),
    "a list of changes": (
        lambda store: td.update_scores(store, 1, [{"score_id": "T"}]),  # type: ignore[arg-type]
        "changes: expected a Polars frame with the column score_id, got a list",
    ),
    "a document for a patch": (
        lambda store: td.patch_catalogue(store, [{"id": 1}]),  # type: ignore[arg-type]
        "documents: expected lists by collection",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_changes_nothing(store: td.Store, mistake: str) -> None:
    call, words = MISTAKES[mistake]
    counts = "SELECT (SELECT count(*) FROM score_blacklist), (SELECT count(*) FROM users)"
    before = store.query(counts)
    with pytest.raises(td.TachiError, match=words) as caught:
        call(store)
    assert str(caught.value).count("\n") == 0
    assert store.query(counts).equals(before)


def test_one_game_may_be_a_text(store: td.Store) -> None:
    with td.open_store(str(store.path) + ".other") as other:
        assert td.load_catalogue(other, "data/sample/catalogue", "iidx").games == ("iidx",)
        assert isinstance(other.query("FROM songs"), pl.DataFrame)
