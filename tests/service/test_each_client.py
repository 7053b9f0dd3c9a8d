"""Routes of game clients: what each sends, and what it hears."""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest

import tachi_data as td
from tests.import_types.bodies import oraja
from tests.import_types.samples import Sample
from tests.service.hooks import (
    CHART,
    FERVIDEX,
    HOOKS,
    MODEL,
    ORAJA,
    PLAYERS,
    asked_for,
    eventually,
    send,
    settings_path,
    stored,
)
from tests.service.servers import Service

# --- beatoraja ------------------------------------------------------------------------------------


def test_three_players_bring_a_chart_in(clients: Service) -> None:
    players = [next(PLAYERS) for _ in range(3)]
    play = oraja(chart={"md5": "78" * 16})  # The sample's chart has the other MD5.
    answers = [send(clients, "ir/beatoraja", clients.token(p), play) for p in players]
    assert [a.status_code for a in answers] == [202, 202, 200]
    assert "2 of 3" in answers[1].json()["description"]
    assert answers[0].json()["body"] == {}
    body = answers[2].json()["body"]
    assert set(body) == {"score", "song", "chart", "import", "importID", "url"}
    assert (body["song"]["title"], body["chart"]["playtype"]) == ("Lanterns", "7K")
    for player in players:
        (score,) = eventually(lambda player=player: stored(clients, player))
        assert score["chartID"] == body["chart"]["chartID"]
    board = clients.client.get(
        f"/ir/beatoraja/charts/{'ab' * 32}/scores", headers={**ORAJA, **clients.token(players[0])}
    )
    rows = board.json()["body"]
    assert board.status_code == 200
    assert sorted(row["player"] for row in rows) == sorted(["", *map(str, players[1:])])
    assert {(row["epg"], row["egr"], row["clear"], row["notes"]) for row in rows} == {
        (350, 0, 6, 500)
    }
    again = send(clients, "ir/beatoraja", clients.token(players[2]), play)
    assert (again.status_code, again.json()["success"]) == (200, True)


@pytest.mark.parametrize(
    ("score", "chart", "status", "words"),
    [
        ({}, {"lntype": 1}, 400, "InvalidDatapoint"),
        ({}, {"hasRandom": True}, 400, "InvalidDatapoint"),
        ({}, {"md5": "null", "sha256": "34" * 32}, 400, "not supported"),
        ({"sha256": "56" * 32}, {}, 400, "sha256"),
    ],
)
def test_beatoraja_says_why_in_the_status(
    clients: Service, score: dict[str, Any], chart: dict[str, Any], status: int, words: str
) -> None:
    body = oraja(score=score, chart=chart)
    answer = send(clients, "ir/beatoraja", clients.token(next(PLAYERS)), body)
    assert answer.status_code == status
    assert answer.json()["success"] is False
    assert words in answer.json()["description"]


def test_beatoraja_names_its_version(clients: Service) -> None:
    token = clients.token(next(PLAYERS))
    for version in ({}, {"X-TachiIR-Version": "v1.9"}):
        board = f"/ir/beatoraja/charts/{'ef' * 32}/scores"
        assert clients.client.get(board, headers={**token, **version}).status_code == 400
        path = HOOKS["ir/beatoraja"].path
        sent = clients.client.post(path, headers={**token, **version}, json=oraja())
        assert (sent.status_code, sent.json()["success"]) == (400, False)
    unknown = f"/ir/beatoraja/charts/{'00' * 32}/scores"
    assert clients.client.get(unknown, headers={**token, **ORAJA}).status_code == 404


# --- fervidex and kshook --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "fervidex/1.2.9"},
        {"User-Agent": "fervidex/0.9.0"},
        {"User-Agent": "fervidex/1..0"},
        {"User-Agent": "something"},
        {"X-Software-Model": "LDJ:J:A:Z:2025011400"},
        {"X-Software-Model": "LDJ:J:A:A:1999010100"},
        {"X-Software-Model": "nonsense"},
    ],
)
@pytest.mark.parametrize("path", ["score/submit", "profile/submit", "class/submit"])
def test_fervidex_headers(clients: Service, headers: dict[str, str], path: str) -> None:
    answer = clients.client.post(
        f"/ir/fervidex/{path}", headers={**FERVIDEX, **clients.token(1), **headers}, json={}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_only_cards_that_the_player_has_set_may_send(clients: Service) -> None:
    player = next(PLAYERS)
    token, cookie = clients.token(player), clients.cookie(player)
    path = settings_path("fervidex")
    assert clients.get(path, cookie) is None
    assert send(clients, "ir/fervidex", token).status_code == 200
    changed = clients.client.patch(path, headers=cookie, json={"cards": ["E004"]})
    wanted = {"userID": player, "cards": ["E004"], "forceStaticImport": None}
    assert changed.json()["body"] == wanted == clients.get(path, cookie)
    assert send(clients, "ir/fervidex", token).status_code == 400
    assert send(clients, "ir/fervidex", {**token, "X-Account-Id": "E005"}).status_code == 400
    assert send(clients, "ir/fervidex", {**token, "X-Account-Id": "E004"}).status_code == 200
    for wrong in ({}, {"cards": ["x"] * 7}, {"cards": 1}, {"other": True}, []):
        assert clients.client.patch(path, headers=cookie, json=wrong).status_code == 400
    assert clients.client.patch(path, headers=token, json={"cards": None}).status_code == 403
    assert clients.client.patch(path, json={"cards": None}).status_code == 401


def test_a_profile_brings_dans_and_scores_only_when_asked_for(clients: Service) -> None:
    player = next(PLAYERS)
    token, cookie = clients.token(player), clients.cookie(player)
    path = f"/api/v1/users/{player}/imports"
    assert send(clients, "ir/fervidex-static", token).status_code == 202
    (document,) = eventually(lambda: clients.get(path))
    assert (document["scoreIDs"], len(document["classDeltas"])) == ([], 2)
    asked_for(clients, "ir/fervidex-static", player)
    assert send(clients, "ir/fervidex-static", token).status_code == 202
    eventually(lambda: len(clients.get(path)) == 2)
    assert len(stored(clients, player)) == 2
    eventually(lambda: clients.get(settings_path("fervidex"), cookie)["forceStaticImport"] is False)
    inf = {**token, "X-Software-Model": "P2D:J:B:A:2024010100"}
    assert send(clients, "ir/fervidex-static", inf).status_code == 202
    eventually(lambda: len(clients.get(path)) == 3)


def test_a_profile_that_fails_stays_asked_for(clients: Service) -> None:
    player = next(PLAYERS)
    asked_for(clients, "ir/fervidex-static", player)
    body = {"scores": {"x": {"spa": {}}}}
    token, cookie = clients.token(player), clients.cookie(player)
    assert send(clients, "ir/fervidex-static", token, body).status_code == 202
    path = f"/api/v1/users/{player}/imports/failed"
    (failed,) = eventually(lambda: clients.get(path, token))
    assert (failed["error"]["statusCode"], failed["importType"]) == (400, "ir/fervidex-static")
    assert clients.get(settings_path("fervidex"), cookie)["forceStaticImport"] is True


def test_fervidex_dan_courses(clients: Service) -> None:
    player = next(PLAYERS)
    headers = {**FERVIDEX, **clients.token(player)}

    def submit(**course: Any) -> httpx.Response:
        return clients.client.post("/ir/fervidex/class/submit", headers=headers, json=course)

    def dan() -> dict[str, str]:
        stats = td.export_documents(clients.store, "gameStats", user_id=player)
        return {s["playtype"]: s["classes"]["dan"] for s in stats if "dan" in s["classes"]}

    assert submit(cleared=False, course_id=9, play_style=0).json()["body"] == {}
    assert dan() == {}
    assert "body" not in submit(cleared=True, course_id=9, play_style=0).json()
    assert submit(cleared=True, course_id=3, play_style=0).status_code == 200
    assert submit(cleared=True, course_id=18, play_style=1).status_code == 200
    assert dan() == {"SP": "DAN_3", "DP": "KAIDEN"}
    wrong = submit(cleared=True, course_id=19, play_style=0)
    assert wrong.status_code == 400
    assert "course_id" in wrong.json()["error"]


def test_kshook_headers_and_exports_nobody_asked_for(clients: Service) -> None:
    player = next(PLAYERS)
    token, cookie = clients.token(player), clients.cookie(player)
    for wrong in (
        {"User-Agent": "x"},
        {"X-Software-Model": MODEL},
        {"X-Software-Model": "QCV:J:B:A"},
    ):
        for kind in ("ir/kshook-sv6c", "ir/kshook-sv6c-static"):
            answer = send(clients, kind, {**token, **wrong})
            assert answer.status_code == 400
            assert answer.json()["error"]
    ignored = send(clients, "ir/kshook-sv6c-static", token, {"scores": "not looked at"})
    assert (ignored.status_code, ignored.json()["body"]) == (200, {})
    asked_for(clients, "ir/kshook-sv6c-static", player)
    assert send(clients, "ir/kshook-sv6c-static", token, {"scores": 1}).status_code == 400
    path = settings_path("kshook-sv6c")
    assert clients.get(path, cookie) == {"userID": player, "forceStaticImport": True}
    assert send(clients, "ir/kshook-sv6c-static", token).status_code == 200
    assert clients.get(path, cookie)["forceStaticImport"] is False


# --- LR2hook, direct-manual and USC -----------------------------------------------------------------


def test_an_unknown_chart_is_an_orphan(clients: Service) -> None:
    player = next(PLAYERS)
    body = {**Sample("ir/lr2hook").source, "md5": "99" * 16}
    answer = send(clients, "ir/lr2hook", clients.token(player), body)
    assert answer.status_code == 200
    assert [e["type"] for e in answer.json()["body"]["errors"]] == ["SongOrChartNotFound"]
    assert len(td.export_documents(clients.store, "orphans", user_id=player)) == 1


def test_direct_manual_takes_the_time_of_receipt_of_one_score(clients: Service) -> None:
    player, body = next(PLAYERS), Sample("ir/direct-manual").source
    token = {**clients.token(player), "X-User-Intent": "true"}
    assert send(clients, "ir/direct-manual", token).json()["body"]["userIntent"] is True
    (score,) = stored(clients, player)
    assert abs(score["timeAchieved"] / 1000 - time.time()) < 60
    two = {**body, "scores": body["scores"] * 2}
    timed = deepcopy(body)
    timed["scores"][0]["timeAchieved"] = 1_700_000_000_000
    assert send(clients, "ir/direct-manual", token, two).status_code == 400
    assert send(clients, "ir/direct-manual", token, timed).status_code == 400
    no = {**token, "X-Infer-Score-TimeAchieved": "1"}
    assert send(clients, "ir/direct-manual", no, two).status_code == 200


def usc(service: Service, path: str, token: dict[str, str], **query: Any) -> dict[str, Any]:
    answer = service.client.get(f"/ir/usc/Keyboard{path}", headers=token, params=query)
    assert answer.status_code == 200
    content: dict[str, Any] = answer.json()
    return content


def test_usc_compares_a_play_with_others(clients: Service) -> None:
    td.patch_catalogue(
        clients.store,
        {
            "charts-usc": [
                {
                    **Sample("ir/usc").catalogue["charts-usc"][0],
                    "chartID": "comet-keys",
                    "playtype": "Keyboard",
                }
            ]
        },
    )
    sample = Sample("ir/usc").source
    players = [next(PLAYERS) for _ in range(8)]

    def play(player: int, score: int, chart: Mapping[str, Any] = CHART) -> dict[str, Any]:
        body = {"score": {**sample["score"], "score": score}, "chart": chart}
        path, token = "/ir/usc/Keyboard/scores", clients.token(player)
        answer = clients.client.post(path, headers=token, json=body)
        assert answer.status_code == 200
        content: dict[str, Any] = answer.json()
        return content

    token, hash_ = clients.token(players[0]), f"/charts/{'ab' * 20}"
    assert usc(clients, f"{hash_}/record", token)["statusCode"] == 44
    for n, player in enumerate(players):
        assert play(player, 9_000_000 + n * 1000)["body"]["isServerRecord"] is True
    body = play(players[3], 9_003_500)["body"]
    assert (body["isPB"], body["isServerRecord"], body["score"]["ranking"]) == (True, False, 5)
    assert [s["ranking"] for s in body["adjacentAbove"]] == [2, 3, 4]
    assert [s["ranking"] for s in body["adjacentBelow"]] == [6, 7, 8]
    assert body["serverRecord"]["username"] == str(players[7])
    assert play(players[3], 9_000_001)["body"]["isPB"] is False
    assert play(players[5], 9_005_500)["body"]["adjacentAbove"][0]["ranking"] == 2
    again = play(players[3], 9_003_500)
    assert (again["statusCode"], again["description"]) == (20, "This score is known already.")
    assert again["body"]["isPB"] is True
    assert again["body"]["score"] == body["score"]
    assert [s["ranking"] for s in again["body"]["adjacentBelow"]] == [6, 7, 8]
    lesser = play(players[3], 9_000_001)["body"]
    assert (lesser["isPB"], lesser["score"]["score"]) == (False, 9_003_500)
    record = usc(clients, f"{hash_}/record", token)["body"]["record"]
    assert (record["score"], record["lamp"], record["noteMod"]) == (9_007_000, 2, "MIRROR")
    board = usc(clients, f"{hash_}/leaderboard", token, mode="best", n="3")["body"]
    assert [s["score"] for s in board] == [9_007_000, 9_006_000, 9_005_500]
    for query in ({"mode": "worst", "n": 3}, {"mode": "rivals", "n": 3}, {"mode": "best"}):
        assert usc(clients, f"{hash_}/leaderboard", token, **query)["statusCode"] == 40
    for number in ("0", "-1", "1.5", "x"):
        wrong = usc(clients, f"{hash_}/leaderboard", token, mode="best", n=number)
        assert wrong["statusCode"] == 40
    unknown = play(players[0], 9_100_000, {**CHART, "chartHash": "00" * 20})
    assert (unknown["statusCode"], unknown["body"]) == (22, {})


def test_usc_knows_charts_and_is_there(clients: Service) -> None:
    token = clients.token(next(PLAYERS))
    assert usc(clients, "", token)["body"]["irVersion"] == "0.4.0-a"
    assert usc(clients, f"/charts/{'00' * 20}", token)["statusCode"] == 44
    for path in ("record", "leaderboard"):
        assert usc(clients, f"/charts/{'00' * 20}/{path}", token)["statusCode"] == 44
    assert usc(clients, "", {})["statusCode"] == 40
    wrong = clients.client.get("/ir/usc/controller", headers=token)
    assert (wrong.status_code, wrong.json()["success"]) == (400, False)
    bad = {"score": Sample("ir/usc").source["score"], "chart": {**CHART, "level": 21}}
    answer = clients.client.post("/ir/usc/Controller/scores", headers=token, json=bad)
    assert answer.json()["statusCode"] == 40
    windows = deepcopy(Sample("ir/usc").source)
    windows["score"]["windows"]["perfect"] = 92
    answer = send(clients, "ir/usc", token, {**windows, "chart": CHART})
    assert answer.json()["statusCode"] == 40
    assert "InvalidDatapoint" in answer.json()["description"]


# --- courses --------------------------------------------------------------------------------------

MD5S = [letter * 32 for letter in "0123"]


@pytest.fixture(scope="module")
def courses(clients: Service) -> Service:
    known = {"playtype": "7K", "set": "genocideDan"}
    td.patch_catalogue(
        clients.store,
        {
            "courses-bms": [
                {**known, "title": "low", "value": "NORMAL_1", "md5sums": "".join(MD5S)},
                {**known, "title": "high", "value": "NORMAL_2", "md5sums": "".join(MD5S[::-1])},
            ]
        },
    )
    return clients


def dan_of(service: Service, player: int) -> str | None:
    stats = td.export_documents(service.store, "gameStats", user_id=player)
    return next((s["classes"]["genocideDan"] for s in stats if s["classes"]), None)


def test_beatoraja_courses(courses: Service) -> None:
    player = next(PLAYERS)
    headers = {**ORAJA, **courses.token(player)}

    def submit(
        md5s: list[str] = MD5S, rules: tuple[str, ...] = ("GAUGE_LR2",), **score: Any
    ) -> httpx.Response:
        course = {"charts": [{"md5": md5} for md5 in md5s], "constraint": list(rules)}
        body = {"course": course, "score": {"clear": "Normal", "option": 1, "lntype": 0, **score}}
        return courses.client.post("/ir/beatoraja/submit-course", headers=headers, json=body)

    assert "body" not in submit(clear="Easy").json()
    assert submit(clear="Easy").status_code == 200
    for wrong in ({"lntype": 1}, {"option": 2}, {"rules": ("HCN",)}, {"rules": ("GAUGE_9KEYS",)}):
        assert submit(**wrong).status_code == 400  # type: ignore[arg-type]
    assert submit(MD5S[:3]).status_code == 400
    assert submit(["4" * 32] * 4).status_code == 404
    assert dan_of(courses, player) is None
    assert submit(MD5S[::-1], ()).json()["body"] == {"set": "genocideDan", "value": "NORMAL_2"}
    assert submit().json()["body"] == {"set": "genocideDan", "value": "NORMAL_1"}
    assert dan_of(courses, player) == "NORMAL_2"


def test_lr2hook_courses(courses: Service) -> None:
    player, sample = next(PLAYERS), Sample("ir/lr2hook").source
    headers = courses.token(player)

    def submit(random: str = "MIRROR", md5: str = "".join(MD5S), **score: Any) -> httpx.Response:
        body = {
            "md5": md5,
            "playerData": {**sample["playerData"], "random": random, "more": 1},
            "scoreData": {**sample["scoreData"], **score},
        }
        return courses.client.post("/ir/lr2hook/import/course", headers=headers, json=body)

    counts = {"notesPlayed": 5, "notesTotal": sample["scoreData"]["notesTotal"]}
    assert submit(notesPlayed=5).json()["body"] == counts
    assert "body" not in submit(lamp="EASY").json()
    assert submit("RAN").status_code == 400
    assert submit(md5="4" * 128).status_code == 404
    assert submit(lamp="nope").status_code == 400
    assert dan_of(courses, player) is None
    assert submit().json()["body"] == {"set": "genocideDan", "value": "NORMAL_1"}
    assert dan_of(courses, player) == "NORMAL_1"
