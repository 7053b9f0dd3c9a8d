"""The service, over real HTTP on loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import tachi_data as td
from tachi_data.tokens import create_token, revoke_token


@dataclass
class Service:
    """A running server with its store and a client."""

    store: td.Store
    client: httpx.Client
    spool: Path

    def token(
        self, user_id: int = 1, *permissions: str, expires_in_s: float | None = None
    ) -> dict[str, str]:
        wanted = permissions or ("submit_score", "delete_score")
        token = create_token(self.store, user_id, wanted, expires_in_s=expires_in_s)
        return {"Authorization": f"Bearer {token}"}

    def upload(self, content: bytes, headers: dict[str, str], **fields: Any) -> httpx.Response:
        data = {"importType": "file/batch-manual", **fields}
        return self.client.post(
            "/api/v1/import/file",
            headers=headers,
            data=data,
            files={"scoreData": ("x.json", content)},
        )


def serve(tmp_path: Path, sample: Path, **settings: str) -> Iterator[Service]:
    path = tmp_path / "store.duckdb"
    store = td.open_store(path)
    td.load_catalogue(store, sample / "catalogue")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "TACHI_STORE": str(path), "TACHI_SPOOL": str(tmp_path / "spool")}
    environment |= {f"TACHI_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "tachi_data.cli", "serve", "--port", str(port)]
    log = (tmp_path / "server.log").open("wb")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    try:
        for _ in range(150):
            try:
                client.get("/api/v1/status")
                break
            except httpx.TransportError:
                assert server.poll() is None, (tmp_path / "server.log").read_text()
                time.sleep(0.2)
        yield Service(store, client, tmp_path / "spool")
    finally:
        client.close()
        server.terminate()
        server.wait(30)
        log.close()
        store.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Service]:
    yield from serve(tmp_path_factory.mktemp("service"), sample, rate_limits="false")


@pytest.fixture(scope="module")
def scores(sample: Path) -> bytes:
    return (sample / "imports" / "batch-manual-sdvx-akari.json").read_bytes()


EMPTY = b'{"meta": {"game": "iidx", "playtype": "SP", "service": "foo"}, "scores": []}'
ENDPOINTS = ("/api/v1/import/file", "/api/v1/import/from-api", "/api/v1/import/orphans")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_who_asks_comes_first(service: Service, path: str) -> None:
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


def test_an_upload_answers_with_its_document(service: Service, scores: bytes) -> None:
    headers = service.token(10)
    answer = service.upload(scores, {**headers, "X-User-Intent": "TRUE"})
    assert answer.status_code == 200
    document = answer.json()["body"]
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
    state = service.client.get(f"/api/v1/imports/{document['importID']}/poll-status").json()["body"]
    assert state == {"importStatus": "completed", "import": document}
    problems = service.client.get(f"/api/v1/imports/{document['importID']}/problems").json()["body"]
    assert len(problems) == len(document["errors"])
    again = service.upload(scores, {**headers, "X-User-Intent": "1"}).json()["body"]
    assert (again["scoreIDs"], again["userIntent"]) == ([], False)


def test_uploads_that_are_refused(service: Service, scores: bytes) -> None:
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
    assert service.upload(EMPTY, headers).status_code == 200
    failed = service.client.get("/api/v1/imports/failed", headers=headers).json()["body"][
        "failedImports"
    ]
    assert any(f["userID"] == 11 and f["error"]["statusCode"] == 400 for f in failed)
    others = service.client.get("/api/v1/imports/failed").json()["body"]["failedImports"]
    assert all("message" not in f["error"] for f in others)


def test_sixteen_mebibytes_and_no_more(service: Service) -> None:
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
        service.client.post(url, headers=headers, content=b"[" + b" " * 2**22 + b"]").status_code
        == 413
    )
    from_api = service.client.post(
        ENDPOINTS[1], headers=headers, json={"importType": "file/batch-manual"}
    )
    assert from_api.status_code == 400
    assert from_api.json()["code"] == "invalid_import_type"


def test_revert(service: Service, scores: bytes) -> None:
    headers = service.token(14)
    import_id = service.upload(scores, headers).json()["body"]["importID"]
    url = f"/api/v1/imports/{import_id}/revert"
    assert service.client.post(url).status_code == 401
    assert service.client.post(url, headers=service.token(15)).status_code == 403
    assert service.client.post(url, headers=service.token(14, "submit_score")).status_code == 403
    assert service.client.post(url, headers=headers).json() == {
        "success": True,
        "description": "Reverted the import.",
        "body": {},
    }
    assert service.client.post(url, headers=headers).status_code == 404


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
    users = range(100, 108)
    headers = {user: service.token(user) for user in users}
    jobs = [user for user in users for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda user: service.upload(scores, headers[user]), jobs))
    assert {a.status_code for a in answers} == {200}
    for user in users:
        mine = [
            a.json()["body"]["scoreIDs"] for a, u in zip(answers, jobs, strict=True) if u == user
        ]
        stored = td.export_documents(service.store, "scores", user_id=user)
        assert sorted(i for ids in mine for i in ids) == sorted(s["scoreID"] for s in stored)


def test_the_sixth_upload_in_a_minute_waits(tmp_path: Path, sample: Path) -> None:
    for limited in serve(tmp_path, sample):
        headers = limited.token()
        time.sleep(max(0, 60 - time.time() % 60 + 0.2) if time.time() % 60 > 50 else 0)
        statuses = [limited.upload(EMPTY, headers).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        answer = limited.upload(EMPTY, headers)
        assert answer.json()["success"] is False
        assert int(answer.headers["Retry-After"]) > 0


def test_external_processing(tmp_path: Path, sample: Path, scores: bytes) -> None:
    for external in serve(tmp_path, sample, rate_limits="false", external_processing="true"):
        headers = external.token()
        answer = external.upload(scores, headers)
        assert answer.status_code == 202
        accepted = answer.json()["body"]
        assert accepted["url"].endswith(f"/api/v1/imports/{accepted['importID']}/poll-status")
        poll = f"/api/v1/imports/{accepted['importID']}/poll-status"
        waiting = external.client.get(poll).json()["body"]
        assert waiting["importStatus"] == "ongoing"
        assert waiting["progress"]["description"]
        bad = external.upload(b"{", headers).json()["body"]["importID"]
        worker = [sys.executable, "-m", "tachi_data.cli", "--store", str(external.store.path)]
        worker += ["worker", "--once", "--spool", str(external.spool)]
        subprocess.run(worker, check=True)
        done = external.client.get(poll).json()["body"]
        assert done["importStatus"] == "completed"
        assert done["import"]["importID"] == accepted["importID"]
        assert external.client.get(f"/api/v1/imports/{bad}/poll-status").status_code == 400
        assert list(external.spool.iterdir()) == []
