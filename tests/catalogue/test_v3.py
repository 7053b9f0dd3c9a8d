"""The catalogue in the form of 2026: the same rows as in the older form, and what is new."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tachi_data.catalogue import (
    catalogue_generation,
    diff_catalogue,
    load_catalogue,
    patch_catalogue,
    patch_of,
    status,
    sync,
)
from tachi_data.errors import CatalogueError
from tachi_data.store import Store
from tests.catalogue import documents as v2
from tests.catalogue import v3_documents as v3
from tests.catalogue.documents import write
from tests.catalogue.v3_documents import SMALL, v3_id


def _load(store: Store, folder: Path, **changes: Any) -> Any:
    return load_catalogue(store, write(folder, {**SMALL, **changes}))


def _members(store: Store) -> list[tuple[str, str]]:
    query = "SELECT folder_id, chart_id FROM folder_charts ORDER BY ALL"
    return store.query(query).rows()


def test_keys_are_the_legacy_ones_and_v3_ids_stand_beside(store: Store, tmp_path: Path) -> None:
    diff = _load(store, tmp_path)
    assert (diff.generation, diff.moved_from, diff.warnings) == (3, None, ())
    charts = "SELECT chart_id, song_id, playtype, v3_id FROM charts WHERE chart_id IN ('c1', 'c3')"
    assert store.query(f"{charts} ORDER BY 1").rows() == [
        ("c1", 1, "SP", SMALL["charts-iidx-sp"][0]["id"]),
        ("c3", 3, "DP", SMALL["charts-iidx-dp"][0]["id"]),
    ]
    assert store.query("SELECT v3_id FROM songs WHERE song_id = 2").item() == v3_id("S", 2)
    assert store.query("SELECT slug FROM folders ORDER BY folder_id")["slug"].to_list() == [
        "f12",
        None,
    ]
    assert _members(store) == [
        ("F12", "c1"),
        ("Fall", "c1"),
        ("Fall", "c1-old"),
        ("Fall", "c2"),
    ]


def test_goals_quests_and_courses_are_about_our_keys(store: Store, tmp_path: Path) -> None:
    _load(store, tmp_path)
    goals = "SELECT game, playtype, charts_data, criteria_source FROM goals ORDER BY goal_id"
    assert store.query(goals).rows() == [
        ("iidx", "SP", '"c1"', None),
        ("iidx", "SP", f'["c2","{v3_id("C", 1)}"]', None),
        ("iidx", "SP", '"F12"', "calculated"),
    ]
    assert store.query("SELECT game, playtype FROM quests").rows() == [("iidx", "SP")]
    assert store.query("SELECT game, playtype, quests FROM questlines").rows() == [
        ("iidx", "SP", ["Q1"])
    ]
    assert store.query("SELECT game, playtype, value FROM courses").rows() == [
        ("bms", "7K", "NORMAL_1")
    ]


def test_a_v2_store_moves_and_only_what_differs_has_changed(store: Store, tmp_path: Path) -> None:
    songs = [v2.song(1, "5.1.1."), v2.song(2, "Étude"), v2.song(3, "spaced")]
    charts = [dict(c) for c in v2.SMALL["charts-iidx"]]
    charts[2] = {**charts[2], "level": "9"}
    load_catalogue(
        store,
        write(tmp_path / "v2", {**v2.SMALL, "songs-iidx": songs, "charts-iidx": charts}),
    )
    would = diff_catalogue(store, write(tmp_path / "v3", SMALL))
    assert (would.is_stored, would.moved_from, would.counts["charts_changed"]) == (False, 2, 1)
    assert str(would).startswith("The catalogue would be at version 2. It would be of the form v3")
    with store.read() as con:
        assert catalogue_generation(con) == 2
    diff = load_catalogue(store, tmp_path / "v3")
    assert diff.charts.rows() == [("iidx", "c2", "changed")]
    assert diff.songs.is_empty()
    assert store.query("SELECT count(v3_id) FROM charts").item() == 4
    assert _members(store)[0] == ("F12", "c1")
    assert status(store)["generation"].to_list() == [3]
    assert not load_catalogue(store, tmp_path / "v3")
    with pytest.raises(CatalogueError, match="This store has a v3 catalogue"):
        load_catalogue(store, tmp_path / "v2")


def test_a_move_that_changes_no_row_is_a_new_version(store: Store, tmp_path: Path) -> None:
    load_catalogue(
        store, write(tmp_path / "a", {"songs-iidx": [v2.song(1, "A")], "charts-iidx": []})
    )
    diff = load_catalogue(store, write(tmp_path / "b", {"songs-iidx": [v3.song(1, "A")]}))
    assert (bool(diff), diff.version, diff.games) == (True, 2, ())
    assert store.query("SELECT v3_id FROM songs").item() == v3_id("S", 1)


def test_patches_of_either_form_go_into_a_v3_store(store: Store, tmp_path: Path) -> None:
    _load(store, tmp_path)
    patch_catalogue(store, {"charts-iidx": [v2.chart("c1", 1, level="11")]})
    kept = store.query("SELECT level, v3_id FROM charts WHERE chart_id = 'c1'").row(0)
    assert kept == ("11", SMALL["charts-iidx-sp"][0]["id"])
    new = v3.chart("c9", 2, "NORMAL")
    diff = patch_catalogue(
        store,
        {
            "charts-iidx-sp": [new],
            "goals": [v3.goal("G9", "single", SMALL["charts-iidx-dp"][0]["id"])],
        },
    )
    assert (diff.counts["charts_added"], diff.generation) == (1, 3)
    assert store.query("SELECT charts_data FROM goals WHERE goal_id = 'G9'").item() == '"c3"'
    with pytest.raises(CatalogueError, match="is that of no song in songs-iidx"):
        patch_catalogue(store, {"charts-iidx-sp": [v3.chart("c10", 77)]})
    assert patch_of({"charts-iidx": []}, origin="queue").generation is None


def test_both_forms_together_are_refused_by_name(store: Store, tmp_path: Path) -> None:
    both = {**SMALL, "songs-sdvx": [v2.song(1, "A")], "charts-sdvx": []}
    with pytest.raises(
        CatalogueError, match=r"songs-iidx\.json has.* v3.*songs-sdvx\.json has.* v2"
    ):
        load_catalogue(store, write(tmp_path, both))
    with pytest.raises(CatalogueError, match="cannot be loaded together"):
        patch_catalogue(store, {"songs-iidx": [v3.song(1, "A")], "charts-iidx": [v2.chart("c", 1)]})


def test_what_is_not_known_here_is_a_warning(store: Store, tmp_path: Path) -> None:
    course = {**SMALL["bms-course-lookup"][0], "value": "NORMAL_99"}
    odd = v3.chart("odd", 2, "EXTREME", versions=["99"], colour="red")
    diff = _load(
        store,
        tmp_path,
        **{
            "charts-iidx-dp": [odd],
            "songs-chess": [v3.song(1, "Open")],
            "charts-chess-blitz": [v3.chart("e4", 1)],
            "folders": [*SMALL["folders"], v3.folder("Fodd", "1 = 1")],
            "bms-course-lookup": [course],
        },
    )
    assert store.query("SELECT game, playtype FROM charts WHERE chart_id = 'e4'").rows() == [
        ("chess", "blitz")
    ]
    assert store.query("SELECT type FROM folders WHERE folder_id = 'Fodd'").item() == "unreadable"
    assert len(diff.warnings) == 6
    for word in (
        r"charts-iidx-dp: 1 documents have members that are not known.*colour",
        r"The folder 'Fodd' of iidx-sp \(Fodd\) has no charts.*1 = 1",
        r"bms-course-lookup: 1 courses",
        r"iidx DP: some charts have versions that are not known here: '99'",
        r"iidx DP: some charts have difficulties that are not known here: 'EXTREME'",
        r"chess: this game is not known here",
    ):
        assert any(re.search(word, warning) for warning in diff.warnings), word


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"charts-iidx-dp": [{**v3.chart("c3", 3), "levelNum": "x"}]},
            r"charts-iidx-dp, document 0 \(id",
        ),
        ({"charts-iidx-dp": [v3.chart("c3", 77)]}, r"its songID is that of no song in songs-iidx"),
        ({"charts-iidx-dp": [v3.chart("c1", 3)]}, r"an earlier document has the same ID"),
        (
            {"songs-iidx": [v3.song(1, "A"), {**v3.song(2, "B"), "id": v3_id("S", 1)}]},
            "has this id",
        ),
        ({"folders": [{**v3.folder("F", "x"), "where": None}]}, r"where: expected a string"),
        ({"goals": [v3.goal("G", "single", 5)]}, r"charts\.data: expected a string or an array"),
    ],
)
def test_a_wrong_document_is_named(
    store: Store, tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    with pytest.raises(CatalogueError, match=message):
        _load(store, tmp_path, **files)
    assert store.query("SELECT count(*) FROM songs").item() == 0


def test_a_chart_that_leaves_its_playtype_is_refused(store: Store, tmp_path: Path) -> None:
    load_catalogue(store, write(tmp_path / "v2", v2.SMALL))
    moved = {**SMALL, "charts-iidx-sp": [], "charts-iidx-dp": [v3.chart("c1", 1)]}
    with pytest.raises(CatalogueError, match="c1 is one of iidx DP in the files, but of iidx SP"):
        load_catalogue(store, write(tmp_path / "v3", moved))


def test_only_the_asked_games_are_loaded_by_either_name(store: Store, tmp_path: Path) -> None:
    other = {"songs-sdvx": [v3.song(1, "A")], "charts-sdvx": [v3.chart("s", 1, "EXH")]}
    folder = write(tmp_path, {**SMALL, **other})
    assert load_catalogue(store, folder, games=["iidx-sp"]).games == ("iidx",)
    assert load_catalogue(store, folder, games=["sdvx"]).games == ("sdvx",)
    assert load_catalogue(store, folder, games=["bms"]).games == ("bms",)
    assert store.query("SELECT count(*) FROM charts").item() == 5


def test_a_game_that_does_not_move_is_told(store: Store, tmp_path: Path) -> None:
    load_catalogue(store, write(tmp_path / "v2", v2.SMALL))
    sdvx = {
        "songs-sdvx": [v3.song(1, "A")],
        "charts-sdvx": [v3.chart("s", 1, "EXH", versions=["vivid"])],
    }
    diff = load_catalogue(store, write(tmp_path / "v3", sdvx))
    assert diff.warnings == (
        "The catalogue of these games is still that of v2, until files of v3 are loaded: iidx.",
    )


@pytest.mark.parametrize("collection", ["charts", "folders-iidx", "scores", "courses-bms"])
def test_a_patch_of_something_else_is_refused(store: Store, collection: str) -> None:
    with pytest.raises(CatalogueError, match="has no collection"):
        patch_catalogue(store, {"songs-iidx": [v3.song(1, "A")], collection: []})


def test_tables_of_levels_are_kept_as_lists(store: Store, tmp_path: Path) -> None:
    levels = v3.chart("c3", 3, data={"tableFolders": {"★": "1", "sl": "0"}})
    diff = _load(
        store,
        tmp_path,
        **{
            "charts-iidx-dp": [levels],
            "folders": [
                v3.folder("F", "(chart.data->'tableFolders'->>'★') = '1'", game="iidx-dp"),
                v3.folder("G", "(chart.data->'tableFolders') ? 'st'", game="iidx-dp"),
            ],
        },
    )
    assert not diff.warnings
    data = json.loads(store.query("SELECT data FROM charts WHERE chart_id = 'c3'").item())
    assert data["tableFolders"] == [{"table": "★", "level": "1"}, {"table": "sl", "level": "0"}]
    assert _members(store) == [("F", "c3")]


def test_the_seeds_of_the_repository_are_found(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "db" / "seeds", SMALL)
    write(tmp_path / "docs", {"songs-iidx": [], "charts-iidx": []})
    assert sync(store, tmp_path).counts["charts_added"] == 4


@pytest.mark.slow
def test_the_excerpt_of_real_seeds_loads(store: Store, shared_file: Any) -> None:
    diff = load_catalogue(store, shared_file("catalogue-v3"))
    assert diff.counts["charts_added"] == 82
    assert not [w for w in diff.warnings if "predicate" in w]
