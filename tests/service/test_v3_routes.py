"""The routes of today's original server: orphans one by one, stated classes, time stops, rivals."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tachi_data as td
from tachi_data.players.time_stops import time_stop
from tests.service.hooks import ORAJA
from tests.service.servers import Service

ORPHANS = "/api/v1/import/orphans"
WACCA = {"game": "wacca", "playtype": "Single", "service": "tests"}


def orphans_for(service: Service, player: int, *titles: str) -> dict[str, str]:
    """Headers of a player who has sent scores of songs that the catalogue does not have."""
    base = {"matchType": "songTitle", "difficulty": "HARD", "score": 900_000, "lamp": "CLEAR"}
    found = [base | {"identifier": title, "artist": "Nobody"} for title in titles]
    headers = service.token(player)
    answer = service.upload(json.dumps({"meta": WACCA, "scores": found}).encode(), headers)
    assert answer.status_code == 200, answer.text
    errors = answer.json()["body"]["errors"]
    assert [error["orphanID"][0] for error in errors] == ["O"] * len(titles)
    return headers


def test_orphans_have_pages_newest_first(service: Service) -> None:
    headers = orphans_for(service, 700, "Nought", "One", "Two")
    first = service.get(f"{ORPHANS}?limit=2", headers)
    assert first["hasMore"]
    shown = [orphan["summary"] for orphan in first["orphans"]]
    assert shown == ["Two (Nobody · HARD)", "One (Nobody · HARD)"]
    last = first["orphans"][-1]["rowID"]
    second = service.get(f"{ORPHANS}?after={last}", headers)
    assert [orphan["summary"][:6] for orphan in second["orphans"]] == ["Nought"]
    assert not second["hasMore"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=-1", "after=99999999"])
def test_pages_that_do_not_exist(service: Service, query: str) -> None:
    answer = service.client.get(f"{ORPHANS}?{query}", headers=service.token(701))
    assert answer.status_code == 400


def test_an_orphan_is_shown_and_put_away(service: Service) -> None:
    headers = orphans_for(service, 702, "Kept", "Unwanted")
    unwanted, kept = service.get(ORPHANS, headers)["orphans"]
    path = f"{ORPHANS}/{unwanted['orphanID']}"
    found = service.get(path, headers)
    assert found["data"]["identifier"] == "Unwanted"
    assert found["context"]["game"] == "wacca"
    assert found["gameGroup"] == "wacca"
    others = service.token(703)
    assert service.client.get(path, headers=others).status_code == 404
    assert service.client.delete(path, headers=others).status_code == 404
    assert service.client.get(path, headers=service.token(702, "manage_rivals")).status_code == 403
    assert service.client.delete(path, headers=headers).json()["body"] == {}
    assert service.client.delete(path, headers=headers).status_code == 404
    assert [o["orphanID"] for o in service.get(ORPHANS, headers)["orphans"]] == [kept["orphanID"]]
    from tachi_data.orphans import find_orphan, restore_orphans

    archived = find_orphan(service.store, unwanted["orphanID"])
    assert archived is not None
    assert archived["reason"] == "deleted by the player"
    assert restore_orphans(service.store, [unwanted["orphanID"]]) == 1


def dans(service: Service, player: int) -> Any:
    profiles = td.export_documents(service.store, "gameStats", user_id=player)
    return next(p["classes"].get("dan") for p in profiles if p["game"] == "sdvx")


def test_stated_classes_rise_fall_and_go(service: Service, scores: bytes) -> None:
    headers = service.token(704)
    path = "/api/v1/import/class"
    early = service.client.post(path, headers=headers, json={"game": "sdvx", "classes": {}})
    assert early.status_code == 404
    service.upload(scores, headers)
    for value, delta in (("DAN_9", ("DAN_7", "DAN_9")), ("DAN_3", ("DAN_9", "DAN_3"))):
        body = {"game": "sdvx", "classes": {"dan": value}}
        document = service.client.post(path, headers=headers, json=body).json()["body"]
        (changed,) = document["classDeltas"]
        assert (changed["old"], changed["new"], changed["v3Game"]) == (*delta, "sdvx")
        assert document["importType"] == "file/import-class"
        assert dans(service, 704) == value
    body = {"game": "sdvx", "classes": {"dan": None}}
    (changed,) = service.client.post(path, headers=headers, json=body).json()["body"]["classDeltas"]
    assert (changed["old"], changed["new"]) == ("DAN_3", None)
    assert dans(service, 704) is None
    achieved = td.export_documents(service.store, "classAchievements", user_id=704)
    assert [a["classValue"] for a in achieved if a["classSet"] == "dan"] == ["DAN_7", "DAN_9"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"classes": {"dan": "DAN_1"}}, "game: expected one of"),
        ({"game": "iidx", "classes": {"dan": "DAN_1"}}, "game: expected one of"),
        ({"game": "sdvx"}, "classes: expected an object"),
        ({"game": "sdvx", "classes": {}}, "got none"),
        ({"game": "sdvx", "classes": {"vfClass": "SIENNA_I"}}, "follows from scores"),
        ({"game": "sdvx", "classes": {"nope": "DAN_1"}}, "got 'nope'"),
        ({"game": "sdvx", "classes": {"dan": "DAN_99"}}, "dan: expected null or one of"),
    ],
)
def test_classes_that_cannot_be_set(
    service: Service, scores: bytes, body: dict[str, Any], words: str
) -> None:
    headers = service.token(705)
    service.upload(scores, headers)
    answer = service.client.post("/api/v1/import/class", headers=headers, json=body)
    assert answer.status_code == 400
    assert words in answer.json()["description"]


def test_time_stops_are_read_set_and_removed(service: Service) -> None:
    path, kind = "/api/v1/users/706/import-timestops", "api/flo-iidx"
    headers = service.token(706)
    td.import_scores(
        service.store,
        "file/batch-manual",
        json.dumps({"meta": WACCA, "scores": []}).encode(),
        user_id=706,
    )
    stops = service.get(path, headers)["timestops"]
    assert {"importType": kind, "lastScoreTime": None} in stops
    assert len(stops) == sum(k.startswith("api/") for k in td.all_import_types())
    for time in (1_700_000_000_000, 1_600_000_000_000):
        body = {"importType": kind, "lastScoreTime": time}
        assert service.client.put(path, headers=headers, json=body).json()["body"] == {}
        assert {"importType": kind, "lastScoreTime": time} in service.get(path, headers)[
            "timestops"
        ]
    for bad in ({"importType": kind}, {"importType": "file/batch-manual", "lastScoreTime": 1}):
        assert service.client.put(path, headers=headers, json=bad).status_code == 400
    assert service.client.get(path).status_code == 401
    assert service.client.get(path, headers=service.token(707)).status_code == 403
    gone = service.client.delete(path, headers=headers, params={"importType": kind})
    assert gone.json()["body"] == {}
    assert time_stop(service.store, 706, kind) is None
    assert service.client.delete(path, headers=headers).status_code == 400


def test_rivals_are_named_and_shown_to_the_client(clients: Service) -> None:
    headers = clients.token(708, "manage_rivals", "submit_score")
    for player in (708, 709):
        clients.cookie(player)
    path = "/api/v1/users/708/games/bms-7k/rivals"
    oraja = {**ORAJA, **headers}
    assert clients.client.get("/ir/beatoraja/players/709/scores", headers=oraja).status_code == 403
    assert clients.client.put(path, headers=headers, json={"rivalIDs": [709]}).status_code == 200
    assert [u["id"] for u in clients.get("/api/v1/users/708/games/bms/7K/rivals")] == [709]
    shown = clients.get("/ir/beatoraja/rivals", oraja)
    assert [(rival["id"], rival["rank"]) for rival in shown] == [("709", "")]
    assert clients.get("/ir/beatoraja/players/709/scores", oraja) == []
    assert clients.get("/ir/beatoraja/players/me/scores", oraja) == []
    nobody = clients.client.get("/ir/beatoraja/players/nobody/scores", headers=oraja)
    assert nobody.status_code == 404
    for bad in ([708], [1, 1], [424242], list(range(1, 7)), "709", [True]):
        answer = clients.client.put(path, headers=headers, json={"rivalIDs": bad})
        assert answer.status_code == 400, bad
    others = clients.token(709, "manage_rivals")
    assert clients.client.put(path, headers=others, json={"rivalIDs": []}).status_code == 403
