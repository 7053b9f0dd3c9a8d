"""A store that an earlier version made opens and works: nothing is lost, and all of it can be changed.

``data/of-november-2026.gz`` was made before the modules were moved into rooms: four scores of two
players, an orphan and a goal, on the small catalogue of `tests.catalogue.documents`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import tachi_data as td
from tachi_data.catalogue.keys.songs import keys_of_songs
from tests.catalogue.documents import chart, song
from tests.importing.world import NOW, job, score

DATA = Path(__file__).parent / "data"


@pytest.fixture
def older(tmp_path: Path) -> Iterator[td.Store]:
    path = tmp_path / "older.duckdb"
    path.write_bytes(gzip.decompress((DATA / "of-november-2026.gz").read_bytes()))
    with td.open_store(path, create=False) as store:
        yield store


def test_everything_is_still_there(older: td.Store) -> None:
    counts = {
        kind: len(td.export_documents(older, kind))
        for kind in ("scores", "pbs", "sessions", "gameStats", "orphans", "goalSubs", "imports")
    }
    assert counts == {
        "scores": 4,
        "pbs": 3,
        "sessions": 1,
        "gameStats": 2,
        "orphans": 1,
        "goalSubs": 1,
        "imports": 4,
    }


def test_what_is_stored_is_what_this_version_computes(older: td.Store) -> None:
    assert td.verify(older, recompute=True).is_empty()


def test_keys_of_titles_are_as_if_loaded_today(older: td.Store) -> None:
    songs = older.query("SELECT game, song_id, title, artist, alt_titles, data, v3_id FROM songs")
    stored = older.query("SELECT DISTINCT game, kind, key, artist_folded, song_id FROM song_keys")
    made = keys_of_songs(songs).select(stored.columns)
    assert set(stored.rows()) == set(made.rows())
    assert {"spelling", "title", "folded_title"} <= set(stored["kind"])


@pytest.mark.parametrize(
    ("key", "exact", "due"),
    [("a\u3000 b\t", "A\u3000 B\t", True), ("a b", "A b", False), ("\u3000", "\u3000", False)],
)
def test_orphans_are_looked_up_by_folded_titles(
    tmp_path: Path, key: str, exact: str, due: bool
) -> None:
    path = tmp_path / "older.duckdb"
    path.write_bytes(gzip.decompress((DATA / "of-november-2026.gz").read_bytes()))
    with duckdb.connect(str(path)) as con:
        con.execute(
            "UPDATE orphans SET song_kind = 'folded_title', song_key = ?, song_exact = ?, due = NULL",
            [key, exact],
        )
    with td.open_store(path, create=False) as store:
        (row,) = store.query("SELECT song_key, song_exact, due IS NOT NULL FROM orphans").rows()
    assert row == (" ".join(key.split()) or key, exact, due)


def test_scores_are_known_and_new_ones_join_them(older: td.Store) -> None:
    first = score(timeAchieved=NOW - 1000, judgements={"pgreat": 700, "great": 100})
    better = score(score=1800, timeAchieved=NOW + 6000)
    (outcome,) = td.import_many(older, [job(first, better)], now=NOW + 20_000)
    assert outcome.datapoints["outcome"].to_list() == ["Skipped", "ScoreImported"]
    assert [s["type"] for s in outcome.document["createdSessions"]] == ["Appended"]


def test_orphans_become_scores_and_imports_are_taken_back(older: td.Store) -> None:
    new = {"songs-iidx": [song(8, "Unheard of")], "charts-iidx": [chart("c8", 8)]}
    td.patch_catalogue(older, new)
    assert td.reprocess_orphans(older, now=NOW).success == 1
    files = [d for d in td.export_documents(older, "imports") if d["importType"] != "orphans"]
    for document in files:
        td.revert_import(older, document["importID"], now=NOW)
    assert td.export_documents(older, "scores") == []
