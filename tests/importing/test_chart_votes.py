"""Charts that players bring in: who counts, when a chart enters the catalogue, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.import_types.bodies import MD5, SHA256, oraja
from tests.stores import open_new

NOW = 1_750_000_000_000
PMS = {"mode": "POPN_9K"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[td.Store]:
    opened = open_new(tmp_path / "test.duckdb")
    yield opened
    opened.close()


def play(store: td.Store, user: int, body: dict[str, Any] | None = None) -> td.ImportOutcome:
    return td.import_scores(
        store, "ir/beatoraja", body or oraja(), user_id=user, now=NOW + user * 60_000
    )


def result(outcome: td.ImportOutcome) -> str:
    (only,) = outcome.datapoints["outcome"].to_list()
    return str(only)


def queue(store: td.Store) -> list[dict[str, Any]]:
    return td.export_documents(store, "chartQueue")


def charts(store: td.Store, game: str = "bms") -> list[tuple[Any, ...]]:
    query = "SELECT song_id, playtype, data ->> 'hashMD5' FROM charts WHERE game = ? ORDER BY ALL"
    return store.query(query, [game]).rows()


def test_the_third_player_brings_the_chart_in(store: td.Store) -> None:
    assert [result(play(store, user)) for user in (1, 2)] == ["SongOrChartNotFound"] * 2
    assert [entry["userIDs"] for entry in queue(store)] == [[1, 2]]
    outcome = play(store, 3)
    assert result(outcome) == "ScoreImported"
    assert outcome.new_charts == (outcome.datapoints["chart_id"][0],)
    assert queue(store) == []
    assert charts(store) == [(1, "7K", MD5)]


def test_the_players_before_get_their_scores_with_the_import_that_brings_the_chart(
    store: td.Store,
) -> None:
    for user in (1, 2, 3):
        play(store, user)
    assert td.export_documents(store, "orphans") == []
    scores = td.export_documents(store, "scores")
    assert sorted(s["userID"] for s in scores) == [1, 2, 3]
    # A score counts from when it was received, not from when its chart was found.
    assert {s["timeAchieved"] - NOW for s in scores} == {60_000, 120_000, 180_000}


def test_an_entry_is_the_chart_as_its_first_player_described_it(store: td.Store) -> None:
    play(store, 1)
    play(store, 2, oraja(chart={"title": "Something else", "notes": 9}))
    (entry,) = queue(store)
    assert entry["gptString"] == "bms:7K"
    assert entry["chartDoc"] == {
        "playtype": "7K",
        "difficulty": "CHART",
        "isPrimary": True,
        "level": "?",
        "levelNum": 0,
        "songID": 0,
        "versions": [],
        "data": {
            "hashMD5": MD5,
            "hashSHA256": SHA256,
            "notecount": 500,
            "tableFolders": [],
            "aiLevel": None,
            "sglEC": None,
            "sglHC": None,
        },
    }
    assert entry["songDoc"] == {
        "id": 0,
        "title": "Lanterns",
        "artist": "nobody in particular",
        "altTitles": [],
        "searchTerms": [],
        "data": {
            "genre": "DRIFT",
            "subartist": "obj: someone",
            "subtitle": "[7 ANOTHER]",
            "tableString": None,
        },
    }
    play(store, 3)
    assert store.query("SELECT title FROM songs").rows() == [("Lanterns",)]


def test_a_player_counts_once(store: td.Store) -> None:
    for exscore in (700, 702, 704, 706):
        play(store, 1, oraja(score={"exscore": exscore}))
    assert [entry["userIDs"] for entry in queue(store)] == [[1]]


@pytest.mark.parametrize("md5", ["", "null", "c" * 31, "c" * 33, "g" * 32])
def test_without_a_real_md5_there_is_no_vote(store: td.Store, md5: str) -> None:
    assert result(play(store, 1, oraja(chart={"md5": md5}))) == "SongOrChartNotFound"
    assert queue(store) == []
    assert len(td.export_documents(store, "orphans")) == 1


def test_an_md5_in_capitals_is_the_same(store: td.Store) -> None:
    for user, md5 in ((1, MD5.upper()), (2, MD5), (3, MD5.upper())):
        play(store, user, oraja(chart={"md5": md5}))
    assert charts(store) == [(1, "7K", MD5)]


def test_keys_are_counted_apart(store: td.Store) -> None:
    play(store, 1)
    play(store, 2, oraja(chart={"mode": "BEAT_14K"}))
    assert sorted(e["gptString"] for e in queue(store)) == ["bms:14K", "bms:7K"]


def test_pms_counts_controller_and_keyboard_apart(store: td.Store) -> None:
    keyboard = {"deviceType": "KEYBOARD"}
    play(store, 1, oraja(chart=PMS))
    play(store, 2, oraja(chart=PMS, score=keyboard))
    assert {e["gptString"]: e["userIDs"] for e in queue(store)} == {
        "pms:Controller": [1],
        "pms:Keyboard": [2],
    }
    play(store, 2, oraja(chart=PMS))
    assert result(play(store, 3, oraja(chart=PMS))) == "ScoreImported"
    assert charts(store, "pms") == [(1, "Controller", MD5)]
    assert [e["gptString"] for e in queue(store)] == ["pms:Keyboard"]


def test_an_unspecified_ln_type_is_accepted(store: td.Store) -> None:
    assert result(play(store, 1, oraja(chart={"lntype": -1}))) == "SongOrChartNotFound"
    assert len(queue(store)) == 1


@pytest.mark.parametrize("chart", [{"lntype": 1}, {"lntype": 2}, {"hasRandom": True}])
def test_charts_that_are_not_supported_do_not_queue(store: td.Store, chart: Any) -> None:
    assert result(play(store, 1, oraja(chart=chart))) == "InvalidDatapoint"
    assert queue(store) == []


def test_a_midi_device_has_no_pms_playtype(store: td.Store) -> None:
    body = oraja(chart=PMS, score={"deviceType": "MIDI"})
    assert result(play(store, 1, body)) == "InvalidDatapoint"
    assert queue(store) == []


def test_trying_an_orphan_again_is_no_vote(store: td.Store) -> None:
    play(store, 1)
    store_rows = "FROM chart_queue"
    td.reprocess_orphans(store, now=NOW)
    assert store.query(store_rows)["user_id"].to_list() == [1]
    play(store, 2)
    td.reprocess_orphans(store, now=NOW)
    assert charts(store) == []


def test_a_dry_run_leaves_the_queue_alone(store: td.Store) -> None:
    play(store, 1)
    play(store, 2)
    outcome = td.import_scores(store, "ir/beatoraja", oraja(), user_id=3, now=NOW, dry_run=True)
    assert result(outcome) == "ScoreImported"
    assert charts(store) == []
    assert [e["userIDs"] for e in queue(store)] == [[1, 2]]


def test_players_of_one_set_count_together(store: td.Store) -> None:
    jobs = [td.ImportJob("ir/beatoraja", oraja(), user_id=user) for user in (1, 2, 3)]
    outcomes = td.import_many(store, jobs, now=NOW)
    assert [result(o) for o in outcomes] == ["ScoreImported"] * 3
    assert len(charts(store)) == 1
    assert td.export_documents(store, "orphans") == []


def test_songs_are_numbered_above_those_of_the_catalogue(store: td.Store) -> None:
    song = {"id": 40, "title": "Here before", "artist": "them", "data": {}}
    td.patch_catalogue(store, {"songs-bms": [song]})
    for user in (1, 2, 3):
        play(store, user)
        play(store, user, oraja(chart={"sha256": "12" * 32, "md5": "34" * 16}))
    assert [song_id for song_id, *_ in charts(store)] == [41, 42]


def test_nothing_enters_beside_a_chart_with_the_same_md5(store: td.Store) -> None:
    chart = {
        "chartID": "0" * 40,
        "songID": 1,
        "playtype": "7K",
        "difficulty": "CHART",
        "level": "?",
        "levelNum": 0,
        "isPrimary": True,
        "versions": [],
        "data": {"hashMD5": MD5.upper(), "hashSHA256": "ef" * 32, "notecount": 500},
    }
    td.patch_catalogue(store, {"charts-bms": [chart]})
    for user in (1, 2, 3, 4):
        assert result(play(store, user)) == "SongOrChartNotFound"
    assert len(charts(store)) == 1


def test_what_players_brought_in_survives_a_new_catalogue(store: td.Store, tmp_path: Path) -> None:
    for user in (1, 2, 3):
        play(store, user)
    for name in ("songs-bms", "charts-bms"):
        (tmp_path / f"{name}.json").write_text("[]")
    td.load_catalogue(store, tmp_path)
    assert charts(store) == [(1, "7K", MD5)]


def test_the_number_of_players_is_a_setting(
    store: td.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEATORAJA_QUEUE_SIZE", "2")
    play(store, 1)
    assert result(play(store, 2)) == "ScoreImported"
    monkeypatch.setenv("BEATORAJA_QUEUE_SIZE", "1")
    with pytest.raises(td.TachiError, match="at least 2"):
        play(store, 1, oraja(chart={"sha256": "12" * 32, "md5": "34" * 16}))
