"""Goals mean the same lamp before and after a move to v3, whenever and in whichever form they are loaded.

In DDR, LIFE4 has the index 7 in v2 and 3 in v3; FULL COMBO has 3 in v2 and 4 in v3.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.catalogue.documents import write
from tests.catalogue.v3_documents import v3_id
from tests.upkeep.moving import NOW

LIFE4, FULL_COMBO = {2: 7, 3: 3}, {2: 3, 3: 4}
SONG: dict[str, Any] = {
    "title": "One",
    "artist": "",
    "altTitles": [],
    "searchTerms": [],
    "data": {},
}
CHART: dict[str, Any] = {
    "difficulty": "EXPERT",
    "level": "10",
    "levelNum": 10,
    "isPrimary": True,
    "versions": ["world"],
    "data": {"stepCount": 300},
}
OF_V2 = {
    "songs-ddr": [SONG | {"id": 1}],
    "charts-ddr": [CHART | {"chartID": "c", "songID": 1, "playtype": "SP"}],
}
OF_V3 = {
    "songs-ddr": [SONG | {"id": v3_id("S", 1), "legacySongID": 1}],
    "charts-ddr-sp": [CHART | {"id": v3_id("C", 1), "legacyChartID": "c", "songID": v3_id("S", 1)}],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[td.Store]:
    """A store of v2 in which the first player has a GREAT FULL COMBO."""
    score = {"matchType": "songTitle", "identifier": "One", "difficulty": "EXPERT"}
    score |= {"score": 900_000, "lamp": "GREAT FULL COMBO"}
    body = {"meta": {"game": "ddr", "playtype": "SP", "service": "tests"}, "scores": [score]}
    with td.open_store(tmp_path / "store.duckdb") as opened:
        load(opened, tmp_path, 2)
        td.import_scores(opened, "ir/direct-manual", body, user_id=1, now=NOW)
        yield opened


def goal(goal_id: str, form: int, key: str, value: int, **criteria: Any) -> dict[str, Any]:
    """A goal on the only chart, in the form of v2 or of v3."""
    of_v2 = {"game": "ddr", "playtype": "SP", "charts": {"type": "single", "data": "c"}}
    of_v3 = {"game": "ddr-sp", "charts": {"type": "single", "data": v3_id("C", 1)}}
    about = {"mode": "single", "key": key, "value": value, **criteria}
    return {
        "goalID": goal_id,
        "name": goal_id,
        "criteria": about,
        **(of_v2 if form == 2 else of_v3),
    }


def load(store: td.Store, folder: Path, form: int, **more: Any) -> Any:
    files = {**(OF_V2 if form == 2 else OF_V3), **more}
    return td.load_catalogue(store, write(folder / f"v{form}", files), now=NOW)


def asked(store: td.Store) -> dict[str, float]:
    return dict(store.query("SELECT goal_id, criteria_value FROM goals").rows())


def standing(store: td.Store, player: int = 1) -> dict[str, tuple[object, ...]]:
    members = ("progress", "outOf", "achieved", "outOfHuman")
    documents = td.export_documents(store, "goalSubs", user_id=player)
    return {d["goalID"]: tuple(d[m] for m in members) for d in documents}


@pytest.mark.parametrize("form", [2, 3])
def test_a_goal_that_is_patched_in_before_or_after_a_move(
    store: td.Store, tmp_path: Path, form: int
) -> None:
    patched = [goal("full combo", form, "lamp", FULL_COMBO[form])]
    patched += [goal("score", form, "score", FULL_COMBO[form])]
    patched += [goal("flare skill", form, "flareSkill", 3, source="calculated")]
    # A patch of v3 names a chart that only a store of v3 knows.
    before = (
        patched if form == 2 else [g | {"charts": {"type": "single", "data": "c"}} for g in patched]
    )
    td.patch_catalogue(store, {"goals": before}, now=NOW)
    td.subscribe(store, 1, goals=["full combo"], now=NOW)
    assert asked(store) == {"full combo": 3, "score": FULL_COMBO[form], "flare skill": 3}
    assert standing(store)["full combo"] == (4, 3, True, "FULL COMBO")
    load(store, tmp_path, 3)
    assert asked(store) == {"full combo": 4, "score": FULL_COMBO[form], "flare skill": 3}
    assert standing(store)["full combo"] == (5, 4, True, "FULL COMBO")
    assert not td.patch_catalogue(store, {"goals": before}, now=NOW)
    later = {"goals": [goal("life4", form, "lamp", LIFE4[form])]}
    assert td.patch_catalogue(store, later, now=NOW)
    td.subscribe(store, 1, goals=["life4"], now=NOW)
    assert standing(store)["life4"] == (5, 3, True, "LIFE4")


def test_the_same_document_in_another_form_is_a_change(store: td.Store, tmp_path: Path) -> None:
    load(store, tmp_path, 3)
    for form in (2, 3, 2):
        assert td.patch_catalogue(store, {"goals": [goal("G", form, "lamp", 3)]}, now=NOW)
        assert asked(store) == {"G": 4 if form == 2 else 3}


def test_goals_of_v3_that_are_loaded_after_the_move(store: td.Store, tmp_path: Path) -> None:
    old = [goal(name, 2, "lamp", FULL_COMBO[2]) for name in ("kept", "nobody's", "lonely")]
    old[2]["criteria"]["value"] = LIFE4[2]
    load(store, tmp_path, 2, goals=old)
    td.subscribe(store, 1, goals=["kept", "lonely"], now=NOW)
    # The first files of v3 have no goals, so those of v2 stay.
    load(store, tmp_path, 3)
    assert asked(store) == {"kept": 4, "nobody's": 4, "lonely": 3}
    assert standing(store)["kept"] == (5, 4, True, "FULL COMBO")
    new = [goal("new", 3, "lamp", FULL_COMBO[3])]
    diff = load(store, tmp_path, 3, goals=new)
    assert diff.followed == ("1 subscriptions to goals moved to goals of v3.",)
    # What nobody has is gone; what has no equal goal stays.
    assert asked(store) == {"new": 4, "lonely": 3}
    assert standing(store) == {
        "new": (5, 4, True, "FULL COMBO"),
        "lonely": (5, 3, True, "LIFE4"),
    }
    assert not load(store, tmp_path, 3, goals=new)
    assert td.verify(store).is_empty()
