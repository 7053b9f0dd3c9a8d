"""The real catalogue, where it is at hand."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tachi_data.catalogue import load_catalogue, patch_catalogue, status
from tachi_data.store import Store

GAMES = ["chunithm", "maimaidx", "popn", "sdvx", "wacca"]
Find = Callable[[str], Path]


@pytest.mark.thorough
def test_all_of_it_loads_quickly(store: Store, shared_file: Find) -> None:
    folder = shared_file("catalogue")
    begun = time.monotonic()
    diff = load_catalogue(store, folder)
    assert time.monotonic() - begun < 60  # Beside three other tests on two cores it takes 25 s.
    counts = {row["game"]: (row["songs"], row["charts"]) for row in status(store).to_dicts()}
    assert len(counts) == 15
    assert counts["iidx"] == (2458, 11145)
    assert sum(charts for _, charts in counts.values()) == diff.counts["charts_added"] == 91229
    assert all(warning.startswith("iidx") for warning in diff.warnings)
    orphaned = "FROM folder_charts ANTI JOIN folders USING (game, folder_id)"
    assert store.query(orphaned).is_empty()
    assert not load_catalogue(store, folder)
    made_up = load_catalogue(store, shared_file("conformance/catalogue-bms-pms"))
    assert made_up.games == ("bms", "pms")


@pytest.mark.slow
def test_the_newer_one_changes_the_older_one(store: Store, shared_file: Find) -> None:
    older, newer = shared_file("catalogue-2024-03"), shared_file("catalogue")
    first = load_catalogue(store, older, games=GAMES)
    second = load_catalogue(store, newer, games=GAMES)
    assert second.version == first.version + 1
    left = first.counts["charts_added"] - second.counts["charts_removed"]
    total = store.query("SELECT count(*) FROM charts").item()
    assert total == left + second.counts["charts_added"]
    changed = store.query("SELECT count(*) FROM catalogue_changes WHERE version = 2").item()
    assert changed > second.counts["charts_added"]
    stale = "FROM chart_keys ANTI JOIN charts USING (game, chart_id)"
    assert store.query(stale).is_empty()


@pytest.fixture(scope="module")
def v3_form(shared_file: Find, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole catalogue in the form of 2026, made by the specification's converter."""
    folder = tmp_path_factory.mktemp("v3")
    converter = shared_file("tools/to_v3.py")
    subprocess.run(
        [sys.executable, converter, shared_file("catalogue"), folder],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.mark.thorough
def test_folders_of_both_forms_have_the_same_charts(
    store: Store, shared_file: Find, v3_form: Path
) -> None:
    members = "SELECT game, playtype, folder_id, chart_id FROM folder_charts ORDER BY ALL"
    load_catalogue(store, shared_file("catalogue"))
    before, charts = store.query(members), store.query("SELECT game, chart_id, song_id FROM charts")
    comparable = "SELECT folder_id FROM folders SEMI JOIN charts USING (game, playtype)"
    assert store.query(comparable).height == 3182
    diff = load_catalogue(store, v3_form)
    assert (diff.moved_from, diff.generation) == (2, 3)
    assert diff.counts["charts_added"] == diff.counts["charts_removed"] == 0
    assert not [warning for warning in diff.warnings if "predicate" in warning]
    assert store.query(members).equals(before)
    after = store.query("SELECT game, chart_id, song_id FROM charts WHERE v3_id IS NOT NULL")
    assert after.sort("game", "chart_id").equals(charts.sort("game", "chart_id"))
    assert set(store.query("SELECT DISTINCT type FROM folders")["type"]) == {"where"}


def test_one_chart_is_patched_quickly(store: Store, shared_file: Find) -> None:
    load_catalogue(store, shared_file("catalogue"), games=["wacca"])
    row = store.query("FROM charts ORDER BY chart_id LIMIT 1").to_dicts()[0]
    document = {
        "chartID": row["chart_id"],
        "songID": row["song_id"],
        "playtype": row["playtype"],
        "difficulty": row["difficulty"],
        "level": "changed",
        "levelNum": row["level_num"],
        "isPrimary": row["is_primary"],
        "versions": row["versions"],
        "data": {},
    }
    begun = time.monotonic()
    assert patch_catalogue(store, {"charts-wacca": [document]}).counts["charts_changed"] == 1
    assert time.monotonic() - begun < 2
