"""Sessions that were changed behind our back: `verify` sees it, and puts scores where they belong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tachi_data as td
from tachi_data.upkeep import delete_scores

HOUR = 3_600_000
START = 1_700_000_000_000
NOW = START + 10_000 * HOUR
SONG = {"title": "Song", "artist": "", "altTitles": [], "searchTerms": [], "data": {}}


def chart(game: str, playtype: str, difficulty: str) -> dict[str, Any]:
    return {
        "chartID": f"{game}-{playtype}",
        "songID": 1,
        "playtype": playtype,
        "difficulty": difficulty,
        "level": "15",
        "levelNum": 15,
        "isPrimary": True,
        "versions": ["exceed"],
        "data": {"inGameID": 1} if game == "sdvx" else {"hashSHA1": playtype},
    }


def play(
    store: td.Store, player: int, playtype: str, *hours: float | None, better: int = 0
) -> None:
    """A score at each hour, each better than the one before."""
    game = "sdvx" if playtype == "Single" else "usc"
    scores = [
        {
            "matchType": "tachiSongID",
            "identifier": "1",
            "difficulty": "EXH",
            "score": 9_000_000 + 1000 * (n + better) + player,
            "lamp": "CLEAR",
            "timeAchieved": None if hour is None else START + int(hour * HOUR),
        }
        for n, hour in enumerate(hours)
    ]
    body = {"meta": {"game": game, "playtype": playtype, "service": "tests"}, "scores": scores}
    outcome = td.import_scores(store, "ir/direct-manual", body, user_id=player, now=NOW)
    assert len(outcome.document["scoreIDs"]) == len(hours), outcome.document


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two players: an evening and a morning at the controller, and an hour at other things."""
    path = tmp_path_factory.mktemp("played") / "store.duckdb"
    charts = [chart("usc", playtype, "EXH") for playtype in ("Controller", "Keyboard")]
    with td.open_store(path) as store:
        catalogue = {"charts-usc": charts, "charts-sdvx": [chart("sdvx", "Single", "EXH")]}
        songs = {f"songs-{game}": [SONG | {"id": 1}] for game in ("usc", "sdvx")}
        td.patch_catalogue(store, songs | catalogue)
        for player in (1, 2):
            play(store, player, "Controller", 0, 1, 2, 10, 11, None)
            play(store, player, "Keyboard", 1)
            play(store, player, "Single", 1.5)
        with store.write() as con:
            con.execute("UPDATE sessions SET highlight = true, description = 'what an evening'")
    return path


@pytest.fixture
def store(played: Path, tmp_path: Path) -> Iterator[td.Store]:
    with td.open_store(shutil.copy(played, tmp_path / "store.duckdb")) as opened:
        yield opened


def sessions(store: td.Store) -> dict[str, dict[str, Any]]:
    return {s["sessionID"]: s for s in td.export_documents(store, "sessions")}


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def broken(store: td.Store, change: str) -> pl.DataFrame:
    """What `verify` reports of a change that it repairs."""
    (evening,), (others,) = (
        [
            s["sessionID"]
            for s in sessions(store).values()
            if (s["userID"], s["playtype"], s["timeStarted"]) == (player, "Controller", START)
        ]
        for player in (1, 2)
    )
    with store.write() as con:
        con.execute(f"SET VARIABLE evening = '{evening}'")
        con.execute(f"SET VARIABLE others = '{others}'")
        con.execute(change)
    found = td.verify(store, repair=True, now=NOW)
    assert not found.is_empty()
    assert td.verify(store, now=NOW).is_empty()
    return found


COME_BACK = {
    "a score in no session": (
        "UPDATE scores_usc SET session_id = NULL WHERE score = 9001001 AND playtype = 'Controller'"
    ),
    "a session that all scores left": (
        "UPDATE scores_usc SET session_id = NULL WHERE session_id = getvariable('evening')"
    ),
    "a score in a session of another player": (
        "UPDATE scores_usc SET session_id = getvariable('others') WHERE score = 9000001 AND playtype = 'Controller'"
    ),
    "a score in a session of another playtype": (
        "UPDATE scores_usc SET session_id = (SELECT session_id FROM sessions "
        "WHERE user_id = 1 AND playtype = 'Keyboard') WHERE score = 9000001 AND playtype = 'Controller'"
    ),
    "a score in a session of another game": (
        "UPDATE scores_usc SET session_id = (SELECT session_id FROM sessions "
        "WHERE user_id = 1 AND game = 'sdvx') WHERE score = 9000001 AND playtype = 'Controller'"
    ),
    "a score without a time in a session": (
        "UPDATE scores_usc SET session_id = getvariable('evening'), session_position = 7 "
        "WHERE user_id = 1 AND time_achieved IS NULL"
    ),
    "a session of another playtype": (
        "UPDATE sessions SET playtype = 'Keyboard' WHERE session_id = getvariable('evening')"
    ),
    "a session of another game": (
        "UPDATE sessions SET game = 'sdvx', playtype = 'Single' WHERE session_id = getvariable('evening')"
    ),
    "a session twice": "INSERT INTO sessions FROM sessions WHERE session_id = getvariable('evening')",
    "a session twice, once of another game": (
        "INSERT INTO sessions BY NAME SELECT * REPLACE ('sdvx' AS game, 'Single' AS playtype) "
        "FROM sessions WHERE session_id = getvariable('evening')"
    ),
    "a session twice, once of another player": (
        "INSERT INTO sessions BY NAME SELECT * REPLACE (2 AS user_id) "
        "FROM sessions WHERE session_id = getvariable('evening')"
    ),
    "scores at the same place": (
        "UPDATE scores_usc SET session_position = 0 WHERE session_id = getvariable('evening')"
    ),
    "scores at no place": (
        "UPDATE scores_usc SET session_position = NULL WHERE session_id = getvariable('evening')"
    ),
    "a session that begins too early": (
        "UPDATE sessions SET time_started = time_started - INTERVAL 3 HOUR "
        "WHERE session_id = getvariable('evening')"
    ),
    "a session that ends too early": (
        "UPDATE sessions SET time_ended = time_started WHERE session_id = getvariable('evening')"
    ),
    "a session without scores": (
        "INSERT INTO sessions BY NAME SELECT * REPLACE ('Qx' AS session_id) "
        "FROM sessions WHERE session_id = getvariable('evening')"
    ),
}


@pytest.mark.parametrize("change", COME_BACK.values(), ids=COME_BACK)
def test_every_session_comes_back_with_its_name(store: td.Store, change: str) -> None:
    before = sessions(store)
    found = broken(store, change)
    assert set(found["kind"]) <= {"score", "session"}
    assert "a new session" not in found["recomputed"]
    after = sessions(store)
    assert set(after) == set(before)
    for session_id, session in after.items():
        assert without(session, "scoreIDs") == without(before[session_id], "scoreIDs")
        assert sorted(session["scoreIDs"]) == sorted(before[session_id]["scoreIDs"])


def test_a_session_that_is_gone_comes_back_under_another_name(store: td.Store) -> None:
    before = sessions(store)
    found = broken(store, "DELETE FROM sessions WHERE session_id = getvariable('evening')")
    assert [(d["kind"], d["problem"]) for d in found.to_dicts()] == [("session", "missing")]
    (gone,) = found["key"]
    after = sessions(store)
    assert set(after) == set(before)
    lost = ("name", "desc", "highlight", "timeInserted")
    assert without(after[gone], *lost) == without(before[gone], *lost)


def test_scores_without_any_session_get_a_new_one(store: td.Store) -> None:
    """Those of the evening are two hours from everything else."""
    before = sessions(store)
    found = broken(
        store,
        "UPDATE scores_usc SET session_id = NULL WHERE session_id = getvariable('evening');"
        "DELETE FROM sessions WHERE session_id = getvariable('evening')",
    )
    moved = found.filter(pl.col("kind") == "score", pl.col("column") == "session_id")
    assert moved["recomputed"].to_list() == ["a new session"] * 3
    after = sessions(store)
    (made,) = set(after) - set(before)
    (gone,) = set(before) - set(after)
    assert sorted(after[made]["scoreIDs"]) == sorted(before[gone]["scoreIDs"])
    for name in ("timeStarted", "timeEnded", "calculatedData"):
        assert after[made][name] == before[gone][name]


def test_a_session_that_another_player_has_is_not_taken_away(store: td.Store) -> None:
    before = sessions(store)
    broken(store, "UPDATE sessions SET user_id = 2 WHERE session_id = getvariable('evening')")
    after = sessions(store)
    assert len(after) == len(before)
    mine = sorted(sorted(s["scoreIDs"]) for s in before.values())
    assert sorted(sorted(s["scoreIDs"]) for s in after.values()) == mine


def test_only_of_the_players_that_are_asked_for(store: td.Store) -> None:
    with store.write() as con:
        con.execute("UPDATE scores_usc SET session_id = NULL, session_position = NULL")
    assert set(td.verify(store, [2], now=NOW)["user_id"]) == {2}
    td.verify(store, [2], repair=True, now=NOW)
    assert set(td.verify(store, now=NOW)["user_id"]) == {1}


def test_what_imports_and_reverts_leave_is_left_alone(store: td.Store) -> None:
    """Sessions that grew towards each other stay two; one that lost its middle stays one."""
    play(store, 3, "Controller", 0, 3)
    play(store, 3, "Controller", 1.5, better=2)
    mine = [s for s in sessions(store).values() if s["userID"] == 3]
    assert len(mine) == 2
    scores = td.export_documents(store, "scores", user_id=1)
    (middle,) = (s["scoreID"] for s in scores if s["scoreData"]["score"] == 9_001_001)
    delete_scores(store, 1, [middle])
    assert td.verify(store, now=NOW).is_empty()


@pytest.mark.parametrize(
    "values",
    [
        {"time_achieved": pl.Series([START + HOUR]).cast(pl.Datetime("ms"))[0]},
        {"time_achieved": pl.Series([START + 50 * HOUR]).cast(pl.Datetime("ms"))[0]},
    ],
)
def test_a_score_that_is_given_a_time_joins_a_session(
    store: td.Store, values: dict[str, Any]
) -> None:
    scores = td.export_documents(store, "scores", user_id=1)
    (score_id,) = (s["scoreID"] for s in scores if s["timeAchieved"] is None)
    td.update_scores(store, 1, pl.DataFrame({"score_id": [score_id], **values}), now=NOW)
    (session,) = (s for s in sessions(store).values() if score_id in s["scoreIDs"])
    at = int(values["time_achieved"].timestamp() * 1000)
    assert session["timeStarted"] <= at <= session["timeEnded"]
    assert td.verify(store, now=NOW).is_empty()


def test_a_score_that_moves_to_another_playtype_moves_to_a_session_of_it(store: td.Store) -> None:
    scores = td.export_documents(store, "scores", user_id=1)
    (score,) = (s for s in scores if s["scoreData"]["score"] == 9_001_001)
    change = pl.DataFrame({"score_id": [score["scoreID"]], "chart_id": ["usc-Keyboard"]})
    (moved,) = td.update_scores(store, 1, change, now=NOW)["new_score_id"]
    (session,) = (s for s in sessions(store).values() if moved in s["scoreIDs"])
    assert (session["playtype"], len(session["scoreIDs"])) == ("Keyboard", 2)
    assert td.verify(store, now=NOW).is_empty()
