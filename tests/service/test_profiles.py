"""What clients look up: profiles, personal bests, sessions, charts."""

from __future__ import annotations

from typing import Any

import pytest

import tachi_data as td
from tests.service.hooks import PLAYERS
from tests.service.servers import Service


@pytest.fixture(scope="module")
def played(service: Service, scores: bytes) -> tuple[int, dict[str, Any]]:
    """A player and what they have imported."""
    player = next(PLAYERS)
    document = service.upload(scores, service.token(player)).json()["body"]
    assert document["scoreIDs"]
    return player, document


@pytest.mark.parametrize("game", ["sdvx/Single", "sdvx"])
def test_a_profile_has_its_first_and_newest_score(
    service: Service, played: tuple[int, dict[str, Any]], game: str
) -> None:
    player, document = played
    found = service.get(f"/api/v1/users/{player}/games/{game}")
    (stats,) = td.export_documents(service.store, "gameStats", user_id=player)
    assert found["gameStats"] == stats
    assert found["totalScores"] == len(document["scoreIDs"])
    times = [
        s["timeAchieved"] for s in td.export_documents(service.store, "scores", user_id=player)
    ]
    known = [time for time in times if time is not None]
    assert found["firstScore"]["timeAchieved"] == min(known)
    assert found["mostRecentScore"]["timeAchieved"] == max(known)
    assert service.get(f"/api/v1/users/{player}/game-stats") == [stats]


def test_the_personal_best_of_a_chart(service: Service, played: tuple[int, dict[str, Any]]) -> None:
    player, _ = played
    for pb in td.export_documents(service.store, "pbs", user_id=player)[:3]:
        path = f"/api/v1/users/{player}/games/sdvx/Single/pbs/{pb['chartID']}"
        found = service.get(path)
        beside = {"v3Game": "sdvx", "v3SongID": None, "v3ChartID": None}  # A catalogue of v2.
        assert found["pb"] == pb | beside
        assert found["chart"]["legacyChartID"] == pb["chartID"]
        assert found["chart"]["chartID"] == pb["chartID"]
        assert found["song"]["id"] == pb["songID"]
        assert service.get(path.replace("/Single", "")) == found


def test_the_last_session(service: Service, played: tuple[int, dict[str, Any]]) -> None:
    player, _ = played
    found = service.get(f"/api/v1/users/{player}/games/sdvx/sessions/last")
    sessions = td.export_documents(service.store, "sessions", user_id=player)
    last = max(sessions, key=lambda session: session["timeEnded"])
    assert found["session"] == last | {"v3Game": "sdvx"}
    assert {s["sessionID"] for s in found["scores"]} == {last["sessionID"]}
    assert [s["scoreID"] for s in found["scores"]] == found["session"]["scoreIDs"]
    assert found["user"]["id"] == player
    assert {c["chartID"] for c in found["charts"]} == {s["chartID"] for s in found["scores"]}


def test_what_is_not_there(service: Service, played: tuple[int, dict[str, Any]]) -> None:
    player, _ = played
    for path in (
        f"users/{player}/games/iidx/SP",
        f"users/{player}/games/iidx-sp/sessions/last",
        f"users/{player}/games/iidx",  # Which playtype?
        f"users/{player}/games/nope/SP",
        f"users/{player}/games/sdvx/Single/pbs/nope",
        "users/nobody/games/sdvx/Single",
        "games/nope/charts?search=x",
    ):
        assert service.client.get(f"/api/v1/{path}").status_code == 404, path
    for words in ("", "?search=", "?search=%20", f"?search={'x' * 201}"):
        for path in ("search", "games/sdvx/charts"):
            assert service.client.get(f"/api/v1/{path}{words}").status_code == 400


def test_songs_and_players_are_found_by_words(service: Service) -> None:
    songs = service.store.query("SELECT song_id, title FROM songs WHERE game = 'iidx'")
    song_id, title = songs.row(0)
    found = service.client.get("/api/v1/search", params={"search": title.upper()}).json()["body"]
    assert ("iidx", song_id) in {(song["game"], song["id"]) for song in found["songs"]}
    for game, playtype in (("iidx/DP", "DP"), ("iidx-sp", "SP")):
        path = f"/api/v1/games/{game}/charts"
        charts = service.client.get(path, params={"search": title}).json()["body"]["charts"]
        wanted = service.store.query(
            "SELECT chart_id FROM charts WHERE game = 'iidx' AND playtype = ? AND song_id = ?",
            [playtype, song_id],
        )
        mine = {c["chartID"] for c in charts if c["songID"] == song_id}
        assert mine == set(wanted["chart_id"])
    nobody = service.client.get("/api/v1/search", params={"search": "%_'; DROP TABLE songs"})
    assert nobody.json()["body"] == {"users": [], "songs": []}
