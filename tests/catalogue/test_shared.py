"""The real catalogue, where it is at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tachi_data.catalogue import load_catalogue, patch_catalogue, status
from tachi_data.store import Store

GAMES = ["chunithm", "maimaidx", "popn", "sdvx", "wacca"]
Find = Callable[[str], Path]


@pytest.mark.slow
def test_all_of_it_loads_quickly(store: Store, shared_file: Find) -> None:
    folder = shared_file("catalogue")
    begun = time.monotonic()
    diff = load_catalogue(store, folder)
    assert time.monotonic() - begun < 20
    counts = {row["game"]: (row["songs"], row["charts"]) for row in status(store).to_dicts()}
    assert len(counts) == 15
    assert counts["iidx"] == (2458, 11145)
    assert sum(charts for _, charts in counts.values()) == diff.counts["charts_added"] == 91229
    assert all(warning.startswith("iidx: ") for warning in diff.warnings)
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
