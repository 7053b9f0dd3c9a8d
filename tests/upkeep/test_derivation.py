"""A store that moves to v3 is as if all had been imported under v3, however often the move is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

import tachi_data as td
from tachi_data.catalogue import stale
from tachi_data.players.time_stops import set_time_stop
from tachi_data.upkeep import derivation
from tests.catalogue.documents import write
from tests.catalogue.v3_documents import v3_id
from tests.upkeep.moving import NOW, in_v3, played, standing

UNMOVED = ("score_blacklist", "time_stops", "imports")


@pytest.fixture(scope="module")
def v3(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    return in_v3(sample / "catalogue", tmp_path_factory.mktemp("v3") / "seeds")


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """A store of v2 with the imports of the sample, and an orphan of a song that only v3 will have."""
    path = tmp_path_factory.mktemp("old") / "store.duckdb"
    with td.open_store(path) as store:
        td.load_catalogue(store, sample / "catalogue", now=NOW)
        played(store, sample, upto=5)
        subscribed(store, "SELECT goal_id FROM goals WHERE charts_type <> 'folder'")
    return path


def subscribed(store: td.Store, goals: str) -> None:
    found = store.query(f"{goals} ORDER BY 1")["goal_id"].to_list()
    for player in (1, 2, 3):
        td.subscribe(store, player, goals=found, now=NOW)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, sample: Path, v3: Path) -> dict[str, list[str]]:
    """What a store has that was of v3 from the beginning."""
    with td.open_store(tmp_path_factory.mktemp("fresh") / "store.duckdb") as store:
        td.load_catalogue(store, v3, now=NOW)
        played(store, sample, upto=5)
        subscribed(store, "SELECT goal_id FROM goals WHERE charts_type <> 'folder'")
        assert td.verify(store).is_empty()
        return standing(store)


@pytest.fixture
def old(tmp_path: Path, old_file: Path) -> Iterator[td.Store]:
    copyfile(old_file, tmp_path / "store.duckdb")
    with td.open_store(tmp_path / "store.duckdb") as store:
        yield store


def test_a_moved_store_is_as_one_that_was_always_of_v3(
    old: td.Store, v3: Path, fresh: dict[str, list[str]]
) -> None:
    before = td.export_documents(old, "scores")
    achieved = td.export_documents(old, "classAchievements")
    td.blacklist_scores(old, 9, [f"T{0:064x}"])
    set_time_stop(old, 1, "api/flo-iidx", NOW)
    kept = unmoved(old)
    diff = td.load_catalogue(old, v3, now=NOW)
    assert (diff.moved_from, diff.generation) == (2, 3)
    assert any("scores derived again" in sentence for sentence in diff.followed)
    assert any("subscriptions to goals moved" in sentence for sentence in diff.followed)
    after = td.export_documents(old, "scores")
    assert [d["scoreID"] for d in after] == [d["scoreID"] for d in before]
    assert [d["calculatedData"] for d in after] != [d["calculatedData"] for d in before]
    assert standing(old) == fresh
    assert td.export_documents(old, "classAchievements") == achieved
    assert unmoved(old) == kept
    assert td.verify(old).is_empty()
    assert td.load_catalogue(old, v3, now=NOW).followed == ()


def unmoved(store: td.Store) -> dict[str, list[object]]:
    """What a move leaves as it is."""
    sessions = td.export_documents(store, "sessions")
    tables = {name: store.query(f"FROM {name} ORDER BY ALL").rows() for name in UNMOVED}
    return {**tables, "sessions": [(s["sessionID"], s["scoreIDs"]) for s in sessions]}


def test_a_move_goes_on_where_it_was_interrupted(
    old: td.Store, v3: Path, fresh: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "GROUP", 1)  # Each player is a transaction.
    calls = 0

    def stop(text: str) -> None:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt(text)

    for reached in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            td.load_catalogue(old, v3, now=NOW, progress=stop)
        rows = old.query(
            "SELECT DISTINCT derived_user_id FROM game_rules WHERE derived_version = 1"
        )
        assert rows["derived_user_id"].to_list() == [reached]
        with old.read() as con:
            assert stale(con) == ["iidx", "sdvx", "wacca"]
    seen: list[str] = []
    diff = td.load_catalogue(old, v3, now=NOW, progress=seen.append)
    assert not diff
    assert diff.followed
    assert [text for text in seen if "derived" in text] == ["1 players derived"]
    assert standing(old) == fresh


def test_verify_tells_stale_rules_from_what_is_wrong(
    old: td.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tachi_data import games

    assert td.verify(old).is_empty()
    monkeypatch.setattr(games.sdvx, "RULES", 2, raising=False)
    games.rules_version.cache_clear()
    try:
        with old.write() as con:
            con.execute("UPDATE pbs_sdvx SET score = 1")
            con.execute("UPDATE pbs_wacca SET score = 1")
        found = td.verify(old)
        told = found.filter(game="sdvx").select("kind", "key", "problem").rows()
        assert told == [("rules", "sdvx", "stale")]
        assert found.filter(game="wacca")["kind"].unique().to_list() == ["personal best"]
        assert td.verify(old, repair=True).height
        assert td.verify(old).is_empty()
        assert td.derive_again(old).is_empty()
    finally:
        games.rules_version.cache_clear()


def test_a_catalogue_of_v2_is_refused_afterwards(old: td.Store, v3: Path, sample: Path) -> None:
    td.load_catalogue(old, v3, now=NOW)
    with pytest.raises(td.CatalogueError, match="v3 catalogue"):
        td.load_catalogue(old, sample / "catalogue")


def test_orphans_of_charts_with_another_difficulty_in_v3_come_in(tmp_path: Path) -> None:
    song = {"title": "Dread Area", "artist": "", "altTitles": [], "searchTerms": [], "data": {}}
    chart = {"level": "10", "levelNum": 10.0, "isPrimary": True, "versions": ["mobile"]}
    chart["data"] = {"inGameStrID": "dreadarea", "notecount": 1000}
    future = chart | {"chartID": "future", "songID": 1, "playtype": "Touch", "difficulty": "Future"}
    of_v2 = {"songs-arcaea": [song | {"id": 1}], "charts-arcaea": [future]}
    of_v3 = {
        "songs-arcaea": [song | {"id": v3_id("S", 1), "legacySongID": 1}],
        "charts-arcaea": [
            chart
            | {"id": v3_id("C", n), "legacyChartID": name, "songID": v3_id("S", 1)}
            | {"difficulty": name.title()}
            for n, name in enumerate(("future", "inscribed"))
        ],
    }
    score = {"matchType": "inGameStrID", "identifier": "dreadarea", "difficulty": "Beyond"}
    body = {
        "meta": {"game": "arcaea", "playtype": "Touch", "service": "tests"},
        "scores": [score | {"score": 9_000_000, "lamp": "CLEAR"}],
    }
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, write(tmp_path / "v2", of_v2), now=NOW)
        waiting = td.import_scores(store, "ir/direct-manual", body, user_id=1, now=NOW)
        assert waiting.datapoints["outcome"].to_list() == ["SongOrChartNotFound"]
        td.load_catalogue(store, write(tmp_path / "v3", of_v3), now=NOW)
        assert store.query("FROM orphans").is_empty()
        assert store.query("FROM scores_arcaea")["chart_id"].to_list() == ["inscribed"]


def test_a_goal_that_stays_from_v2_means_the_same_lamp_afterwards(tmp_path: Path) -> None:
    song = {"title": "One", "artist": "", "altTitles": [], "searchTerms": [], "data": {}}
    chart = {"level": "10", "levelNum": 10, "isPrimary": True, "versions": ["world"]}
    chart |= {"difficulty": "EXPERT", "data": {"stepCount": 300}}
    of_v2 = {
        "songs-ddr": [song | {"id": 1}],
        "charts-ddr": [chart | {"chartID": "c", "songID": 1, "playtype": "SP"}],
        "goals": [_ddr_goal("from files", "lamp", 3)],
    }
    of_v3 = {
        "songs-ddr": [song | {"id": v3_id("S", 1), "legacySongID": 1}],
        "charts-ddr-sp": [
            chart | {"id": v3_id("C", 1), "legacyChartID": "c", "songID": v3_id("S", 1)}
        ],
    }
    patched = [_ddr_goal("full combo", "lamp", 3), _ddr_goal("life4", "lamp", 7)]
    patched += [_ddr_goal("score", "score", 3), _ddr_goal("clear", "lamp", 2)]
    patched += [_ddr_goal("some", "lamp", 6, mode="absolute", countNum=1)]
    goals = [g["goalID"] for g in (*of_v2["goals"], *patched)]
    score = {"matchType": "songTitle", "identifier": "One", "difficulty": "EXPERT"}
    score |= {"score": 900_000, "lamp": "GREAT FULL COMBO"}
    body = {"meta": {"game": "ddr", "playtype": "SP", "service": "tests"}, "scores": [score]}
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.load_catalogue(store, write(tmp_path / "v2", of_v2), now=NOW)
        td.patch_catalogue(store, {"goals": patched}, now=NOW)
        td.import_scores(store, "ir/direct-manual", body, user_id=1, now=NOW)
        # The second player has no score, so that nothing of theirs is derived again.
        for player in (1, 2):
            td.subscribe(store, player, goals=goals, now=NOW)
        before = [_goals_of(store, player) for player in (1, 2)]
        assert before[0]["full combo"] == (4, 3, True, "FULL COMBO")
        td.load_catalogue(store, write(tmp_path / "v3", of_v3), now=NOW)
        after = [_goals_of(store, player) for player in (1, 2)]
    assert after[0]["full combo"] == after[0]["from files"] == (5, 4, True, "FULL COMBO")
    assert after[0]["life4"] == (5, 3, True, "LIFE4")
    assert after[1]["life4"] == (None, 3, False, "LIFE4")
    for name in ("score", "some"):
        assert [of[name] for of in after] == [of[name] for of in before]


def _ddr_goal(goal_id: str, key: str, value: int, **criteria: object) -> dict[str, object]:
    return {
        "goalID": goal_id,
        "game": "ddr",
        "playtype": "SP",
        "name": goal_id,
        "charts": {"type": "single", "data": "c"},
        "criteria": {"mode": "single", "key": key, "value": value, **criteria},
    }


def _goals_of(store: td.Store, player: int) -> dict[str, tuple[object, ...]]:
    members = ("progress", "outOf", "achieved", "outOfHuman")
    documents = td.export_documents(store, "goalSubs", user_id=player)
    return {d["goalID"]: tuple(d[m] for m in members) for d in documents}
