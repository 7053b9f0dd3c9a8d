"""The service, over real HTTP on loopback."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import tachi_data as td
from tachi_data.players.tokens import revoke_token
from tests.service.servers import EMPTY, Service, serving

ENDPOINTS = ("/api/v1/import/file", "/api/v1/import/from-api", "/api/v1/import/orphans")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_who_asks_comes_first(service: Service, path: str) -> None:
    """Acceptance 1: no auth 401, no permission 403, Basic 400, unknown token 401, banned 403."""

    def status(headers: dict[str, str]) -> int:
        answer = service.client.post(path, headers=headers)
        assert answer.json()["success"] is False
        assert answer.json()["description"]
        return answer.status_code

    assert status({}) == 401
    assert status({"Authorization": "Basic abc"}) == 400
    assert status({"Authorization": "Bearer nope"}) == 401
    assert status(service.token(1, "manage_rivals")) == 403
    assert status(service.token(1, expires_in_s=-1)) == 401
    revoked = service.token()
    revoke_token(service.store, revoked["Authorization"].removeprefix("Bearer "))
    assert status(revoked) == 401
    assert status({"Authorization": "Bearer"}) == 401
    assert status({"Authorization": f"bearer {revoked['Authorization'][7:]}"}) == 400
    service.cookie(19, level="BANNED")
    assert status(service.token(19)) == 403
    assert status(service.cookie(19)) == 403
    public = service.client.get("/api/v1/imports", headers=service.token(19))
    assert public.status_code == 403


def test_an_upload_answers_with_its_document(service: Service, scores: bytes) -> None:
    """Acceptance 5 and 10: the user's intent, and the keys of the ImportDocument."""
    headers = service.token(10)
    answer = service.upload(scores, {**headers, "X-User-Intent": "TRUE"})
    assert answer.status_code == 200
    document = answer.json()["body"]
    poll = f"{service.client.base_url}/api/v1/imports/{document['importID']}/poll-status"
    assert document.pop("url") == poll
    wanted = (
        "importType idStrings scoreIDs errors importID timeFinished timeStarted createdSessions"
    )
    wanted += " userID classDeltas goalInfo questInfo userIntent"
    assert set(wanted.split()) <= set(document)
    assert "gptStrings" not in document
    assert document["userIntent"] is True
    assert document["idStrings"] == ["sdvx:Single"]
    found = service.client.get(f"/api/v1/imports/{document['importID']}").json()["body"]
    assert found["import"] == document
    assert {s["scoreID"] for s in found["scores"]} == set(document["scoreIDs"])
    state = service.get(poll)
    assert state == {"importStatus": "completed", "import": document}
    problems = service.client.get(f"/api/v1/imports/{document['importID']}/problems").json()["body"]
    assert len(problems) == len(document["errors"])
    again = service.upload(scores, {**headers, "X-User-Intent": "1"}).json()["body"]
    assert (again["scoreIDs"], again["userIntent"]) == ([], False)
    assert found["user"]["id"] == 10
    assert {s["sessionID"] for s in found["sessions"]} == {
        s["sessionID"] for s in document["createdSessions"]
    }
    assert {i for s in found["sessions"] for i in s["scoreIDs"]} == set(document["scoreIDs"])
    assert {c["chartID"] for c in found["charts"]} == {s["chartID"] for s in found["scores"]}
    assert {s["id"] for s in found["songs"]} == {s["songID"] for s in found["scores"]}
    listed = service.get("/api/v1/users/10/imports")
    assert [d["importID"] for d in listed] == [again["importID"], document["importID"]]
    assert service.get("/api/v1/users/10/imports?userIntent=true") == [document]
    assert document in service.get("/api/v1/imports?importType=file/batch-manual")["imports"]


def test_uploads_that_are_refused(service: Service, scores: bytes) -> None:
    """Acceptance 2 and 3: what is no upload is 400; a bad file is too, and a failed tracker."""
    headers = service.token(11)
    post = service.client.post
    url = "/api/v1/import/file"
    kind = {"importType": "file/batch-manual"}
    assert post(url, headers=headers).status_code == 400
    assert post(url, headers=headers, data=kind).status_code == 400
    wrong_field = post(url, headers=headers, data=kind, files={"other": ("x", scores)})
    assert wrong_field.status_code == 400
    for name in ("api/flo-iidx", "file/nope", "ir/direct-manual", ""):
        assert service.upload(scores, headers, importType=name).status_code == 400
    assert service.upload(b"{invalid", headers).status_code == 400
    empty = service.upload(EMPTY, headers)
    assert empty.status_code == 200
    lists = ("scoreIDs", "errors", "createdSessions", "goalInfo", "questInfo", "classDeltas")
    assert [empty.json()["body"][name] for name in lists] == [[]] * len(lists)
    failed = service.client.get("/api/v1/imports/failed", headers=headers).json()["body"][
        "failedImports"
    ]
    assert any(f["userID"] == 11 and f["error"]["statusCode"] == 400 for f in failed)
    others = service.client.get("/api/v1/imports/failed").json()["body"]["failedImports"]
    assert others
    assert all("message" not in f["error"] for f in others)
    (mine,) = [f for f in failed if f["userID"] == 11]
    assert mine["error"]["message"]
    assert service.get("/api/v1/users/11/imports/failed", headers) == [mine]
    poll = service.client.get(f"/api/v1/imports/{mine['importID']}/poll-status")
    assert poll.status_code == 400
    admin = service.cookie(18, level="ADMIN")
    assert mine in service.get("/api/v1/imports/failed", admin)["failedImports"]


def test_sixteen_mebibytes_and_no_more(service: Service) -> None:
    """Acceptance 2: exactly 16 MiB is accepted, one byte more is not."""
    headers = service.token(12)
    largest = EMPTY + b" " * (16 * 1024 * 1024 - len(EMPTY))
    assert service.upload(largest, headers).status_code == 200
    assert service.upload(largest + b" ", headers).status_code == 400
    assert service.upload(largest * 3, headers).status_code == 400


def test_direct_manual_and_bodies(service: Service) -> None:
    headers = {**service.token(13), "Content-Type": "application/json"}
    url = "/ir/direct-manual/import"
    assert service.client.post(url, headers=headers, content=EMPTY).status_code == 200
    assert service.client.post(url, headers=headers, content=b"{").status_code == 400
    assert (
        service.client.post(url, headers=headers, content=b"[" + b" " * 2**24 + b"]").status_code
        == 413
    )
    from_api = service.client.post(
        ENDPOINTS[1], headers=headers, json={"importType": "file/batch-manual"}
    )
    assert from_api.status_code == 400
    assert from_api.json()["code"] == "invalid_import_type"


def test_orphans(service: Service, scores: bytes) -> None:
    headers = service.token(16)
    service.upload(scores, headers)
    body = service.client.post(ENDPOINTS[2], headers=headers).json()["body"]
    assert set(body) == {"processed", "failed", "success", "removed"}
    assert body["processed"] == body["failed"] > 0
    assert (
        len(service.client.get("/api/v1/orphans", headers=headers).json()["body"]) == body["failed"]
    )


def test_unknown_paths_and_filters(service: Service) -> None:
    assert service.client.get("/api/v1/nope").json()["success"] is False
    assert service.client.get("/api/v1/imports?importType=nope").status_code == 400
    assert service.client.get("/api/v1/imports?x=1").status_code == 400
    assert service.client.get("/api/v1/imports/none/poll-status").status_code == 404
    assert service.client.get("/").headers["content-type"].startswith("text/html")


def test_many_clients_at_once(service: Service, scores: bytes) -> None:
    """Imports of different players go on side by side; of one player, the others are told to wait."""
    users = range(100, 108)
    headers = {user: service.token(user) for user in users}

    def upload(user: int) -> httpx.Response:
        while (answer := service.upload(scores, headers[user])).status_code == 409:
            assert answer.json()["code"] == "import_ongoing"
            assert len(answer.json()["importID"]) == 40
            time.sleep(0.2)
        return answer

    jobs = [user for user in users for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(upload, jobs))
    assert {a.status_code for a in answers} == {200}
    for user in users:
        mine = [a.json()["body"] for a, u in zip(answers, jobs, strict=True) if u == user]
        stored = td.export_documents(service.store, "scores", user_id=user)
        assert sorted(i for d in mine for i in d["scoreIDs"]) == sorted(
            s["scoreID"] for s in stored
        )


def test_the_sixth_upload_in_a_minute_waits(tmp_path: Path, sample: Path) -> None:
    """Acceptance 8: sixth upload within a minute from one client, 429 with envelope."""
    with serving(tmp_path, sample / "catalogue") as limited:
        headers = limited.token()
        time.sleep(max(0, 60 - time.time() % 60 + 0.2) if time.time() % 60 > 30 else 0)
        statuses = [limited.upload(EMPTY, headers).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        answer = limited.upload(EMPTY, headers)
        assert answer.json()["success"] is False
        assert answer.json()["status"] == 429
        assert answer.json()["message"]
        assert int(answer.headers["Retry-After"]) > 0
        other = limited.client.get("/api/v1/status")
        assert (
            int(other.headers["X-RateLimit-Remaining"])
            < 500
            == int(other.headers["X-RateLimit-Limit"])
        )


def test_external_processing(tmp_path: Path, sample: Path, scores: bytes) -> None:
    """Acceptance 6 and 7: 202 with a URL to poll, ongoing, then the document; or the failure."""
    settings = {"rate_limits": "false", "external_processing": "true"}
    with serving(tmp_path, sample / "catalogue", **settings) as external:
        headers = external.token()
        answer = external.upload(scores, headers)
        assert answer.status_code == 202
        accepted = answer.json()["body"]
        poll = f"/api/v1/imports/{accepted['importID']}/poll-status"
        assert accepted["url"].endswith(poll)
        waiting = external.get(poll)
        assert waiting["importStatus"] == "ongoing"
        assert waiting["progress"]["description"]
        bad = external.upload(b"{", headers).json()["body"]["importID"]
        worker = [sys.executable, "-m", "tachi_data.cli", "--store", str(external.store.path)]
        worker += ["worker", "--once", "--spool", str(external.spool)]
        subprocess.run(worker, check=True)
        done = external.get(poll)
        assert done["importStatus"] == "completed"
        assert done["import"]["importID"] == accepted["importID"]
        assert done["import"] == external.get(f"/api/v1/imports/{accepted['importID']}")["import"]
        assert external.client.get(f"/api/v1/imports/{bad}/poll-status").status_code == 400
        assert external.spooled == []


def test_scores_are_shown_and_deleted(service: Service, scores: bytes) -> None:
    headers, admin = service.token(17), service.cookie(18, level="ADMIN")
    document = service.upload(scores, headers).json()["body"]
    first, second, third = document["scoreIDs"][:3]
    url = "/api/v1/scores/"
    assert set(service.get(url + first)) == {"score"}
    related = service.get(url + first, headers | {"x": "y"}) | service.get(
        f"{url}{first}?getRelated"
    )
    assert set(related) == {"score", "song", "chart", "user"}
    assert service.client.get(url + "Tnope").status_code == 404

    def delete(score_id: str, headers: dict[str, str], **body: object) -> int:
        sent = service.client.request("DELETE", url + score_id, headers=headers, json=body)
        return sent.status_code

    assert delete("Tnope", headers) == 404
    assert delete(first, {}) == 401
    assert delete(first, service.token(10)) == 403
    assert delete(first, service.token(17, "submit_score"), blacklist=1) == 403
    assert delete(first, headers, blacklist=1) == 400
    assert delete(first, headers) == 200
    assert delete(first, headers) == 404
    assert delete(second, admin, blacklist=True) == 200
    again = service.upload(scores, headers).json()["body"]
    assert first in again["scoreIDs"]
    assert second not in again["scoreIDs"]
    assert third in service.get(f"/api/v1/imports/{document['importID']}")["import"]["scoreIDs"]


def test_scores_are_commented_on_and_highlighted(service: Service, scores: bytes) -> None:
    owner = service.token(20, "submit_score", "customise_score")
    (score_id, *_) = service.upload(scores, owner).json()["body"]["scoreIDs"]

    def change(headers: dict[str, str], body: object, score: str = score_id) -> httpx.Response:
        return service.client.patch(f"/api/v1/scores/{score}", headers=headers, json=body)

    assert change({}, {}).status_code == 401
    assert change(service.token(10, "customise_score"), {}).status_code == 403
    assert change(service.token(20, "submit_score"), {"comment": ""}).status_code == 403
    assert change(owner, {"highlight": True}, "Tnope").status_code == 404
    wrong = ({}, {"comment": ""}, {"comment": "x" * 121}, {"highlight": None}, {"score": 1}, [])
    assert {change(owner, body).status_code for body in wrong} == {400}
    after = change(owner, {"comment": "finally", "highlight": True}).json()["body"]
    assert (after["comment"], after["highlight"]) == ("finally", True)
    after = change(owner, {"comment": None}).json()["body"]
    assert (after["comment"], after["highlight"]) == (None, True)
    assert after == service.get(f"/api/v1/scores/{score_id}")["score"]
    pbs = td.export_documents(service.store, "pbs", user_id=20)
    mine = [pb for pb in pbs if score_id in [c["scoreID"] for c in pb["composedFrom"]]]
    assert all(pb["highlight"] for pb in mine)


def test_status(service: Service) -> None:
    body = service.get("/api/v1/status?echo=hello")
    assert (body["echo"], body["whoami"], body["permissions"]) == ("hello", None, [])
    assert body["startTime"] <= body["serverTime"]
    post = service.client.post
    assert post("/api/v1/status", json={"echo": "hi"}).json()["body"]["echo"] == "hi"
    assert post("/api/v1/status", json={"echo": 1}).status_code == 400
    assert "echo" not in post("/api/v1/status").json()["body"]
