"""Which charts are in which folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tachi_data.catalogue import load_catalogue, patch_catalogue
from tachi_data.store import Store
from tests.catalogue.documents import SMALL, chart, folder, song, write

TABLES_OF_A = {"tableFolders": [{"table": "ins", "level": "3"}, {"table": "sl", "level": "0"}]}
CHARTS = [
    chart("a", 1, level="3+", levelNum=3.7, data=TABLES_OF_A | {"inGameID": 7500}),
    chart("b", 1, "HYPER", versions=["31"], data={"tableFolders": [], "isOfficial": True}),
    chart("c", 2, "NORMAL", isPrimary=False, data={"inGameID": [1, 9000], "length": 12.5}),
    chart("d", 2, playtype="DP", data={"inGameID": "7500", "length": None}),
]


def _members(store: Store, folder_id: str = "F") -> str:
    rows = store.query(
        "SELECT chart_id FROM folder_charts WHERE folder_id = ? ORDER BY chart_id", [folder_id]
    )
    return "".join(rows["chart_id"])


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ({}, "abc"),
        ({"level": "3+"}, "a"),
        ({"level": "12", "versions": "30"}, "c"),
        ({"versions": "31"}, "abc"),
        ({"versions": "3"}, ""),
        ({"difficulty": {"~in": ["HYPER", "NORMAL"]}}, "bc"),
        ({"difficulty": {"~nin": ["HYPER", "NORMAL"]}}, "a"),
        ({"difficulty": {"~ne": "HYPER"}}, "ac"),
        ({"difficulty": {"~eq": "HYPER"}}, "b"),
        ({"levelNum": {"~gte": 3.5, "~lt": 4}}, "a"),
        ({"levelNum": {"~gt": 3.7}}, "bc"),
        ({"levelNum": {"~lte": 3.7}}, "a"),
        ({"levelNum": 12}, "bc"),
        ({"isPrimary": True}, "ab"),
        ({"songID": 2}, "c"),
        ({"data¬inGameID": {"~lt": 7000}}, "bc"),
        # One element of a list may meet one bound, another the other.
        ({"data¬inGameID": {"~gte": 7000, "~lt": 8000}}, "ac"),
        ({"data¬inGameID": {"~not": {"~gte": 7000, "~lt": 8000}}}, "b"),
        ({"data¬inGameID": 9000}, "c"),
        ({"data¬inGameID": 7500.0}, "a"),
        ({"data¬inGameID": "7500"}, ""),
        ({"data¬isOfficial": True}, "b"),
        ({"data¬length": {"~exists": True}}, "c"),
        ({"data¬length": None}, "ab"),
        ({"data¬length": 12.5}, "c"),
        ({"data": {"isOfficial": True}}, "b"),
        ({"data¬tableFolders": {"~elemMatch": {"table": "ins", "level": "3"}}}, "a"),
        ({"data¬tableFolders": {"~elemMatch": {"table": "ins", "level": "0"}}}, ""),
        ({"data¬tableFolders": {"~elemMatch": {"table": "sl", "level": {"~in": ["0", "1"]}}}}, "a"),
        ({"data¬tableFolders¬table": "sl"}, "a"),
        ({"data¬nothing": 'a"b'}, ""),
    ],
)
def test_a_query_chooses_charts_of_the_playtype(
    store: Store, query: dict[str, Any], members: str
) -> None:
    patch_catalogue(store, {"charts-iidx": CHARTS, "folders": [folder("F", query)]})
    assert _members(store) == members


def test_a_folder_of_songs_has_all_their_charts(store: Store) -> None:
    songs = [song(1, "One", genre="TECHNO"), song(2, "Two", genre="PIANO")]
    by_genre = folder("F", {"data": {"genre": "TECHNO"}}, "songs")
    by_path = folder("G", {"data¬genre": "PIANO"}, "songs")
    by_title = folder("H", {"title": {"~in": ["Two"]}}, "songs", playtype="DP")
    documents = {"songs-iidx": songs, "charts-iidx": CHARTS, "folders": [by_genre, by_path]}
    patch_catalogue(store, {**documents, "folders": [by_genre, by_path, by_title]})
    assert [_members(store, name) for name in "FGH"] == ["ab", "c", "d"]
    patch_catalogue(store, {"songs-iidx": [song(2, "Two", genre="TECHNO")]})
    assert [_members(store, name) for name in "FGH"] == ["abc", "", "d"]


def test_a_static_folder_lists_its_charts(store: Store) -> None:
    static = folder("F", ["a", "d", "nowhere"], "static")
    patch_catalogue(store, {"charts-iidx": CHARTS, "folders": [static]})
    assert _members(store) == "a"


def test_new_charts_get_into_old_folders(store: Store) -> None:
    patch_catalogue(store, {"folders": [folder("F", {"level": "12"}), folder("G", {})]})
    patch_catalogue(store, {"charts-iidx": CHARTS})
    assert (_members(store), _members(store, "G")) == ("bc", "abc")
    patch_catalogue(store, {"charts-iidx": [{**CHARTS[1], "level": "11"}, chart("e", 3)]})
    assert (_members(store), _members(store, "G")) == ("ce", "abce")


def test_changed_and_removed_folders_change(store: Store, tmp_path: Path) -> None:
    load_catalogue(store, write(tmp_path / "a", SMALL))
    assert _members(store, "F12") == "c1"
    assert _members(store, "Fall") == "c1c1-oldc2"
    fewer = {**SMALL, "folders": [folder("F12", {"level": "8"})]}
    load_catalogue(store, write(tmp_path / "b", fewer))
    assert _members(store, "F12") == "c2"
    assert _members(store, "Fall") == ""
    assert store.query("FROM folders")["folder_id"].to_list() == ["F12"]


def test_folders_of_other_games_are_left_alone(store: Store) -> None:
    other = folder("S", {}, game="sdvx", playtype="Single")
    patch_catalogue(store, {"charts-iidx": CHARTS, "folders": [folder("F", {}), other]})
    patch_catalogue(store, {"charts-sdvx": [chart("a", 1, "EXH", playtype="Single")]})
    assert (_members(store), _members(store, "S")) == ("abc", "a")
