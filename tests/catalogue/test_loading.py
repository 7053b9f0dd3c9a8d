"""Loading files and patching documents: what is stored, what is told, what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import (
    apply,
    catalogue_version,
    load_catalogue,
    patch_catalogue,
    patch_of,
    status,
)
from tachi_data.errors import CatalogueError
from tachi_data.store import Store
from tests.catalogue.documents import SMALL, chart, folder, goal, song, write


def _changes(changes: pl.DataFrame) -> set[tuple[Any, str]]:
    return set(changes.select("id", "change").iter_rows())


def _version(store: Store) -> int:
    with store.read() as con:
        return catalogue_version(con)


def _changed(store: Store, version: int) -> set[tuple[str, str]]:
    rows = store.query("SELECT kind, key FROM catalogue_changes WHERE version = ?", [version])
    return set(rows.iter_rows())


def _without(name: str, key: str, value: object) -> dict[str, list[Any]]:
    return {**SMALL, name: [d for d in SMALL[name] if d[key] != value]}


def test_the_first_load_adds_everything(store: Store, small: Path) -> None:
    diff = load_catalogue(store, small, now=1_700_000_000_000)
    assert (diff.version, diff.games) == (1, ("iidx",))
    assert diff.counts["songs_added"] == 3
    assert diff.counts["charts_added"] == 4
    assert str(diff).splitlines()[1] == "  iidx songs: 3 added"
    assert json.loads(json.dumps(diff.document()))["version"] == 1
    row = status(store).to_dicts()
    assert [(r["game"], r["songs"], r["charts"], r["version"]) for r in row] == [("iidx", 3, 4, 1)]
    assert row[0]["loaded_at"].year == 2023


def test_rows_hold_what_the_documents_say(store: Store, small: Path) -> None:
    load_catalogue(store, small)
    row = store.query("FROM charts WHERE chart_id = 'c2'").to_dicts()[0]
    assert row["versions"] == ["30", "31"]
    assert (row["level"], row["level_num"], row["is_primary"]) == ("8", 8.0, True)
    assert json.loads(row["data"]) == SMALL["charts-iidx"][2]["data"]
    goals = store.query("SELECT charts_data, criteria_value, count_num FROM goals").rows()
    assert goals == [('"c1"', 5.0, None)]
    assert store.query("SELECT quest_data[0] FROM quests").height == 1


def test_the_same_files_make_no_new_version(store: Store, small: Path) -> None:
    load_catalogue(store, small)
    diff = load_catalogue(store, small)
    assert not diff
    assert diff.version == _version(store) == 1
    assert str(diff).startswith("Nothing changed")


def test_key_order_and_number_spelling_are_no_change(store: Store, small: Path) -> None:
    load_catalogue(store, small)
    file = small / "charts-iidx.json"
    charts = [dict(reversed(c.items())) for c in json.loads(file.read_text())]
    file.write_text(json.dumps(charts, indent="\t").replace('"levelNum": 12,', '"levelNum": 12.0,'))
    assert not load_catalogue(store, small)


def test_changes_and_removals_are_told(store: Store, small: Path, tmp_path: Path) -> None:
    load_catalogue(store, small)
    newer = copy.deepcopy(SMALL)
    newer["songs-iidx"][0]["altTitles"] = ["five"]
    newer["songs-iidx"].append(song(4, "New"))
    newer["charts-iidx"][2]["versions"].append("32")
    newer["charts-iidx"] = [c for c in newer["charts-iidx"] if c["chartID"] != "c3"]
    newer["charts-iidx"].append(chart("c4", 4))
    diff = load_catalogue(store, write(tmp_path / "newer", newer))
    assert _changes(diff.songs) == {(1, "changed"), (4, "added")}
    assert _changes(diff.charts) == {("c2", "changed"), ("c3", "removed"), ("c4", "added")}
    assert store.query("SELECT count(*) FROM charts").item() == 4
    assert store.query("FROM chart_keys WHERE chart_id = 'c3'").is_empty()
    keys = _changed(store, 2)
    assert {("title", "five"), ("title", "New"), ("folded_title", "new")} <= keys
    assert {("song_id", "4"), ("in_game_id", "1004"), ("in_game_id", "1002")} <= keys
    assert ("in_game_id", "1001") not in keys
    assert ("title", "Étude") not in keys


def test_a_title_that_is_free_again_is_a_change(store: Store, tmp_path: Path) -> None:
    twice = {"songs-iidx": [song(1, "X"), song(2, "X")], "charts-iidx": []}
    load_catalogue(store, write(tmp_path / "a", twice))
    load_catalogue(store, write(tmp_path / "b", {"songs-iidx": [song(1, "X")], "charts-iidx": []}))
    assert ("title", "X") in _changed(store, 2)


def test_goals_alone_make_a_version_too(store: Store, small: Path, tmp_path: Path) -> None:
    load_catalogue(store, small)
    more = {**SMALL, "goals": [*SMALL["goals"], goal("G2", "c2")]}
    diff = load_catalogue(store, write(tmp_path / "more", more))
    assert diff.version == 2
    assert set(diff.counts.values()) == {0}
    assert _changes(diff.others) == {("G2", "added")}


def test_a_load_keeps_what_is_from_elsewhere(store: Store, small: Path) -> None:
    load_catalogue(store, small)
    patch_catalogue(store, {"songs-iidx": [song(9, "Patched")], "charts-iidx": [chart("c9", 9)]})
    with store.write() as con:
        found = {"charts-iidx": [chart("queued", 9, "HYPER")]}
        assert apply(con, patch_of(found, origin="queue"), now=0).version == 3
    assert not load_catalogue(store, small)
    assert store.query("SELECT chart_id, origin FROM charts WHERE song_id = 9").rows() == [
        ("c9", "patch"),
        ("queued", "queue"),
    ]


def test_a_patched_seed_still_goes_with_its_file(store: Store, small: Path, tmp_path: Path) -> None:
    load_catalogue(store, small)
    patch_catalogue(store, {"charts-iidx": [chart("c3", 3, level="11", playtype="DP")]})
    assert load_catalogue(store, small).counts["charts_changed"] == 1
    patch_catalogue(store, {"charts-iidx": [chart("c3", 3, level="11", playtype="DP")]})
    fewer = write(tmp_path / "fewer", _without("charts-iidx", "chartID", "c3"))
    assert load_catalogue(store, fewer).counts["charts_removed"] == 1


def test_other_games_stay(store: Store, small: Path, tmp_path: Path) -> None:
    load_catalogue(store, small)
    sdvx = chart("s1", 1, "EXH", playtype="Single")
    other = write(
        tmp_path / "sdvx", {"songs-sdvx": [song(1, "S")], "charts-sdvx": [sdvx], "goals": []}
    )
    assert load_catalogue(store, other).games == ("sdvx",)
    assert store.query("SELECT count(*) FROM goals").item() == 1
    assert status(store)["game"].to_list() == ["iidx", "sdvx"]


def test_only_the_asked_games_are_read(store: Store, small: Path) -> None:
    (small / "songs-sdvx.json").write_text("no JSON")
    (small / "charts-sdvx.json").write_text("no JSON")
    assert load_catalogue(store, small, games=["iidx", "bms"]).games == ("iidx",)


def test_a_byte_order_mark_is_no_problem(store: Store, small: Path) -> None:
    file = small / "songs-iidx.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_catalogue(store, small).counts["songs_added"] == 3


def _bad_chart(**members: Any) -> dict[str, list[Any]]:
    return {"charts-iidx": [*SMALL["charts-iidx"], chart("bad", 1, **members)]}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"songs-iidx": {"id": 1}}, r"songs-iidx\.json must be a list"),
        ({"songs-iidx": [5]}, r"songs-iidx, document 0: expected an object"),
        (
            {"songs-iidx": [{**song(1, "A"), "title": 5}]},
            r"\(id 1\): title: expected a string, got 5",
        ),
        ({"songs-iidx": [{**song(1, "A"), "id": "1"}]}, r"id: expected an integer, got '1'"),
        ({"songs-iidx": [{**song(1, "A"), "id": True}]}, r"id: expected an integer, got True"),
        (
            {"songs-iidx": [{**song(1, "A"), "altTitles": [None]}]},
            r"altTitles\[0\]: expected a string",
        ),
        (
            {"songs-iidx": [{"id": 1, "title": "A"}]},
            r"artist: expected a string, but it is missing",
        ),
        ({"songs-iidx": [song(1, "A"), song(1, "B")]}, r"document 1 \(id 1\): an earlier"),
        (_bad_chart(levelNum="12"), r"document 4 \(chartID 'bad'\): levelNum: expected a number"),
        (_bad_chart(isPrimary=None), r"isPrimary: expected true or false, got null"),
        (_bad_chart(data={"notecount": "many"}), r"data\.notecount: expected a number, got 'many'"),
        (
            _bad_chart(data={"ncTier": {"value": "x"}}),
            r"data\.ncTier\.value: expected a number, got 'x'",
        ),
        (_bad_chart(playtype="TP"), r"its playtype must be one of: SP, DP"),
        (_bad_chart(), r"an earlier primary chart has the same songID, playtype and difficulty"),
        ({"charts-iidx": [chart("c1", 99)]}, r"\(chartID 'c1'\): its song is not in songs-iidx"),
        ({"charts-iidx": [chart("c1", 1), chart("c1", 2)]}, r"an earlier document has the same ID"),
        ({"folders": [folder("F", {"level": {"~regex": "."}})]}, r"folderID 'F': its query cannot"),
        ({"folders": [folder("F", {}, "nonsense")]}, r"folderID 'F': a folder of type 'nonsense'"),
        ({"goals": [{**goal("G", "c1"), "charts": []}]}, r"charts.type: expected a string"),
    ],
)
def test_a_wrong_document_is_named_and_nothing_is_stored(
    store: Store, tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(store, write(tmp_path / "bad", {**SMALL, **files}))
    assert _version(store) == 0
    assert store.query("SELECT count(*) FROM songs").item() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"id": 1,]', r"songs-iidx\.json is not JSON: line 1, column 11"),
        (b'[\n"\xff"]', r"songs-iidx\.json is not UTF-8: line 2"),
        (b"", r"songs-iidx\.json is not JSON"),
    ],
)
def test_a_wrong_file_is_named(store: Store, small: Path, content: bytes, message: str) -> None:
    (small / "songs-iidx.json").write_bytes(content)
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(store, small)


def test_missing_files_are_named(store: Store, small: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="There is no folder"):
        load_catalogue(store, tmp_path / "nowhere")
    with pytest.raises(CatalogueError, match="holds no catalogue"):
        load_catalogue(store, tmp_path)
    with pytest.raises(CatalogueError, match=r"no songs-sdvx\.json"):
        load_catalogue(store, small, games=["sdvx"])
    with pytest.raises(CatalogueError, match="There is no game 'chess'"):
        load_catalogue(store, small, games=["chess"])
    (small / "charts-iidx.json").unlink()
    with pytest.raises(CatalogueError, match=r"no charts-iidx\.json"):
        load_catalogue(store, small)


def test_an_error_while_storing_leaves_nothing(
    store: Store, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(con: DuckDBPyConnection, *_: object) -> None:
        raise RuntimeError("full disk")

    monkeypatch.setattr("tachi_data.catalogue.documents.applying.update_folder_charts", fail)
    with pytest.raises(RuntimeError, match="full disk"):
        load_catalogue(store, small)
    assert store.query("SELECT count(*) FROM charts").item() == 0


def test_a_patch_accepts_odd_charts(store: Store) -> None:
    diff = patch_catalogue(
        store, {"charts-iidx": [chart("odd", 404, data={"notecount": 0}, whatever=1)]}
    )
    assert _changes(diff.charts) == {("odd", "added")}


def test_a_patch_replaces_by_id(store: Store, small: Path) -> None:
    load_catalogue(store, small)
    diff = patch_catalogue(
        store, {"songs-iidx": [song(1, "First"), song(1, "Last")], "charts-iidx": [chart("c1", 2)]}
    )
    assert _changes(diff.songs) == {(1, "changed")}
    assert store.query("SELECT title FROM songs WHERE song_id = 1").item() == "Last"
    keys = store.query("SELECT key FROM chart_keys WHERE chart_id = 'c1' AND kind = 'song_id'")
    assert keys["key"].to_list() == ["2"]
    assert {("title", "Last"), ("song_id", "2")} <= _changed(store, 2)
    assert not patch_catalogue(store, {"charts-iidx": [chart("c1", 2)]})


@pytest.mark.parametrize("collection", ["songs-chess", "songs", "goals-iidx", "scores"])
def test_a_patch_of_something_else_is_refused(store: Store, collection: str) -> None:
    with pytest.raises(CatalogueError, match="has no collection"):
        patch_catalogue(store, {collection: []})


def test_what_json_cannot_say_is_refused(store: Store) -> None:
    with pytest.raises(CatalogueError, match="cannot be written as JSON"):
        patch_catalogue(store, {"songs-iidx": [song(1, "\ud800")]})


def test_keys_that_tie_are_warned_of(store: Store, tmp_path: Path) -> None:
    tied = [chart("a", 1), chart("b", 1, isPrimary=False)]
    files = {"songs-iidx": [song(1, "A")], "charts-iidx": tied}
    diff = load_catalogue(store, write(tmp_path / "tied", files))
    assert diff.warnings == (
        "iidx: several charts share one in_game_id (2: 1001 SP ANOTHER 30, 1001 SP ANOTHER 31)",
        "iidx: several charts share one song_id (2: 1 SP ANOTHER 30, 1 SP ANOTHER 31)",
    )
    assert "Warning: iidx" in str(diff)
