"""Requests that nobody should send, and servers that die at the wrong moment."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

import tachi_data as td
from tachi_data.backlog import queue
from tachi_data.players.locks import acquire, release
from tests.service.servers import EMPTY, Service, serving


def long_import(scores: bytes, count: int = 30_000) -> bytes:
    """An import that takes a while: the scores of a file over and over, at other times."""
    document = json.loads(scores)
    some = document["scores"]
    many = [
        {**some[i % len(some)], "timeAchieved": 1_600_000_000_000 + i * 60_000}
        for i in range(count)
    ]
    return json.dumps({**document, "scores": many}).encode()


def until(look: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(service: Service) -> bool:
    return bool(service.spooled)


def test_revert(service: Service, scores: bytes) -> None:
    """Acceptance 9: guest 401, other user 403, admin cookie 200, admin's token 403, twice 404, busy 409."""
    mine, admin = service.token(14), service.cookie(15, level="ADMIN")

    def revert(import_id: str, headers: dict[str, str]) -> httpx.Response:
        return service.client.post(f"/api/v1/imports/{import_id}/revert", headers=headers)

    first = service.upload(scores, mine).json()["body"]["importID"]
    assert revert(first, {}).status_code == 401
    assert revert("nope", {}).status_code == 401
    assert revert("nope", mine).status_code == 404
    assert revert(first, service.token(16)).status_code == 403
    assert revert(first, service.token(15)).status_code == 403
    assert revert(first, service.cookie(16)).status_code == 403
    assert revert(first, service.token(14, "submit_score")).status_code == 403
    assert revert(first, admin).json()["body"] == {}
    assert revert(first, admin).status_code == 404
    second = service.upload(scores, mine).json()["body"]["importID"]
    answer = revert(second, mine)
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    assert td.export_documents(service.store, "scores", user_id=14) == []


@pytest.mark.slow
def test_a_stop_lets_the_import_finish(tmp_path: Path, sample: Path, scores: bytes) -> None:
    with serving(tmp_path, sample / "catalogue", rate_limits="false") as service:
        headers, large = service.token(1), long_import(scores)
        with ThreadPoolExecutor(1) as pool:
            running: Future[httpx.Response] = pool.submit(service.upload, large, headers)
            until(lambda: is_running(service))
            (busy,) = service.spooled
            polled = service.get(f"/api/v1/imports/{busy}/poll-status")
            service.process.send_signal(signal.SIGTERM)
            answer = running.result()
        assert polled["importStatus"] == "ongoing"
        assert polled["progress"]["description"]
        assert answer.status_code == 200
        document = answer.json()["body"]
        assert document.pop("url").endswith(f"/{busy}/poll-status")
        assert document["importID"] == busy
        service.process.wait(60)
        (stored,) = td.export_documents(service.store, "imports", user_id=1)
        assert (stored["importID"], stored["scoreIDs"]) == (busy, document["scoreIDs"])
        about = [line for line in service.log_lines() if line.get("importID") == busy]
        assert {line["message"] for line in about} >= {"import started", "import done"}


@pytest.mark.slow
def test_an_import_whose_service_dies_is_reported(
    tmp_path: Path, sample: Path, scores: bytes
) -> None:
    with serving(tmp_path, sample / "catalogue", rate_limits="false") as service:
        headers = service.token(1)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(service.upload, long_import(scores), headers)
            until(lambda: is_running(service))
            (import_id,) = service.spooled
            service.process.kill()
            assert isinstance(running.exception(), httpx.TransportError)
        service.process.wait()
        service.start()
        poll = f"/api/v1/imports/{import_id}/poll-status"
        until(lambda: service.client.get(poll).status_code == 500)
        assert "stopped" in service.client.get(poll, headers=headers).json()["description"]
        assert "stopped" not in service.client.get(poll).json()["description"]
        (failed,) = service.get("/api/v1/users/1/imports/failed", headers)
        assert failed["importID"] == import_id
        assert td.export_documents(service.store, "scores", user_id=1) == []
        assert not is_running(service)
        assert service.upload(scores, headers).status_code == 200


@pytest.mark.slow
def test_an_accepted_import_outlives_service_and_worker(
    tmp_path: Path, sample: Path, scores: bytes
) -> None:
    settings = {"rate_limits": "false", "external_processing": "true"}
    with serving(tmp_path, sample / "catalogue", **settings) as service:
        headers = service.token(1)
        accepted = service.upload(long_import(scores), headers).json()["body"]["importID"]
        service.process.kill()
        service.process.wait()
        worker = [sys.executable, "-m", "tachi_data.cli", "--store", str(service.store.path)]
        worker += ["worker", "--once", "--spool", str(service.spool)]
        with subprocess.Popen(worker) as dying:
            until((service.spool / accepted / "progress").exists)
            dying.kill()
        with service.store.write() as con:  # As if the worker had been gone for a while.
            con.execute("UPDATE import_trackers SET heartbeat = TIMESTAMP '2020-01-01'")
        service.start()
        poll = f"/api/v1/imports/{accepted}/poll-status"
        assert service.get(poll)["importStatus"] == "ongoing"
        subprocess.run(worker, check=True)
        done = service.get(poll)
        assert done["importStatus"] == "completed"
        scores_of = td.export_documents(service.store, "scores", user_id=1)
        assert {s["scoreID"] for s in scores_of} == set(done["import"]["scoreIDs"])


@pytest.mark.slow
def test_an_accepted_import_waits_for_another_one(
    tmp_path: Path, sample: Path, scores: bytes
) -> None:
    """FIX-H11: between two attempts an import is ongoing, not failed."""
    settings = {"rate_limits": "false", "external_processing": "true"}
    with serving(tmp_path, sample / "catalogue", **settings) as service:
        with service.store.write() as con:
            assert acquire([1], "another run", con)
        accepted = service.upload(scores, service.token(1)).json()["body"]["importID"]
        poll = f"/api/v1/imports/{accepted}/poll-status"
        assert queue.work(service.store, service.spool) == 1
        assert queue.work(service.store, service.spool) == 0
        assert service.get(poll)["importStatus"] == "ongoing"
        assert service.get("/api/v1/users/1/imports/failed") == []
        with service.store.write() as con:
            release("another run", con)
        until(lambda: queue.work(service.store, service.spool) == 1)
        assert service.get(poll)["import"]["scoreIDs"]


def memory_kb(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_large_uploads_are_refused_while_they_stream(service: Service) -> None:
    before = memory_kb(service.process.pid)
    sent = 0

    def endless() -> Any:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="scoreData"; filename="f"\r\n\r\n'
        for _ in range(2000):
            sent += 1
            yield b"x" * 1024 * 1024

    headers = {**service.token(20), "Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = service.client.post("/api/v1/import/file", headers=headers, content=endless())
        assert answer.status_code == 400
    except httpx.TransportError:  # The server has closed the connection while we were sending.
        pass
    assert sent < 100
    assert memory_kb(service.process.pid) - before < 100_000


def test_slow_uploads_keep_nobody_waiting(service: Service) -> None:
    address = (service.client.base_url.host, service.client.base_url.port or 80)
    token = service.token(21)["Authorization"]
    head = (
        f"POST /api/v1/import/file HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n"
    )
    with ExitStack() as slow:
        for _ in range(60):
            connection = slow.enter_context(socket.create_connection(address))
            connection.sendall(head.encode())
        assert service.upload(EMPTY, service.token(22)).status_code == 200


MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
FILE, KIND = (
    PART % (b"scoreData", b'; filename="a"', EMPTY),
    PART % (b"importType", b"", b"file/batch-manual"),
)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", KIND + FILE + b"--x--"),
        ("text/plain", KIND + FILE + b"--x--"),
        (MULTIPART, b""),
        (MULTIPART, b"nonsense"),
        (MULTIPART, KIND + b"--x--"),
        (MULTIPART, FILE + b"--x--"),
        (MULTIPART, KIND + FILE + FILE + b"--x--"),
        (MULTIPART, KIND + KIND + FILE + b"--x--"),
        (MULTIPART, KIND + FILE + (PART % (b"playtype", b"", b"SP")) * 2 + b"--x--"),
        (MULTIPART, KIND + FILE.replace(b"scoreData", b"other") + b"--x--"),
        (MULTIPART, KIND + FILE + FILE.replace(b"scoreData", b"other") + b"--x--"),
        (MULTIPART, KIND + PART % (b"scoreData", b"", EMPTY) + b"--x--"),
    ],
)
def test_uploads_that_are_none(service: Service, kind: str, content: bytes) -> None:
    headers = {**service.token(23), "Content-Type": kind}
    answer = service.client.post("/api/v1/import/file", headers=headers, content=content)
    assert answer.status_code == 400
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "a\\..\\b", "x" * 500, "\u202e.json", "<b>"]
)
def test_file_names_are_only_names(service: Service, name: str) -> None:
    data, files = {"importType": "file/batch-manual"}, {"scoreData": (name, EMPTY)}
    answer = service.client.post(
        "/api/v1/import/file", headers=service.token(24), data=data, files=files
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("import_id", ["..%2f..%2fetc", "%00", "x" * 3000, "'; DROP TABLE users"])
def test_import_ids_are_only_ids(service: Service, import_id: str) -> None:
    for path in ("", "/poll-status"):
        answer = service.client.get(f"/api/v1/imports/{import_id}{path}")
        assert answer.status_code == 404
        assert answer.json()["success"] is False


def test_wrong_tokens_are_counted(tmp_path: Path, sample: Path) -> None:
    """FIX-H03: failed authentications are limited, too; good tokens of the same address are not refused."""
    with serving(tmp_path) as service:
        time.sleep(max(0, 60 - time.time() % 60 + 0.2) if time.time() % 60 > 30 else 0)
        good = service.token(1)

        def status(headers: dict[str, str]) -> int:
            return service.client.get("/api/v1/status", headers=headers).status_code

        assert [status(bearer("nope")) for _ in range(40)] == [401] * 30 + [429] * 10
        assert [status(bearer(f"nope{n}")) for n in range(3)] == [429] * 3
        assert [status(good), status({})] == [200, 200]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_every_answer_may_be_read_from_elsewhere(service: Service) -> None:
    """Cross-origin: any origin, no credentials; OPTIONS is 200 without content."""
    for path in ("/api/v1/status", "/api/v1/nope", "/ir/nope"):
        asked = service.client.options(path, headers={"Origin": "http://x"})
        assert (asked.status_code, asked.content) == (200, b"")
        for answer in (asked, service.client.get(path, headers={"Origin": "http://x"})):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "X-User-Intent" in answer.headers["Access-Control-Allow-Headers"]
    assert service.client.delete("/api/v1/status").status_code == 404


@pytest.mark.slow
def test_sixteen_clients_with_fifty_imports_each(service: Service, scores: bytes) -> None:
    """Different players and some the same: each accepted import is stored once, nothing else fails."""
    document = json.loads(scores)
    headers = {user: service.token(user) for user in range(300, 312)}
    answers: dict[int, list[httpx.Response]] = {user: [] for user in headers}
    lock = threading.Lock()

    def client(number: int) -> None:
        user = 300 + number % 12
        for turn in range(50):
            score = {**document["scores"][0], "score": 9_000_000 + number * 100 + turn}
            body = json.dumps({**document, "scores": [score]}).encode()
            answer = service.upload(body, headers[user])
            with lock:
                answers[user].append(answer)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(client, range(16)))
    statuses = [a.status_code for user in answers for a in answers[user]]
    assert len(statuses) == 800
    assert set(statuses) <= {200, 409}
    for user in range(304, 312):  # These have one client.
        assert {a.status_code for a in answers[user]} == {200}
    for user, mine in answers.items():
        stored = td.export_documents(service.store, "scores", user_id=user)
        accepted = [a.json()["body"]["scoreIDs"] for a in mine if a.status_code == 200]
        assert sorted(i for ids in accepted for i in ids) == sorted(s["scoreID"] for s in stored)
