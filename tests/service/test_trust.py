"""Clients that mean no good: deadlines, limits, invented addresses, foreign pages, and what others may read."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tachi_data.errors import TachiError
from tachi_data.players.tokens import create_token, list_tokens
from tests.service.hooks import PLAYERS, eventually
from tests.service.servers import Service, serving

PROXY = "127.0.0.9"
MIB = 1024 * 1024
HEAD = b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server of little patience, with a proxy at one address."""
    settings = {
        "header_timeout_s": "1.5",
        "body_timeout_s": "1.5",
        "connections": "20",
        "connections_per_client": "12",
        "trusted_proxies": PROXY,
        "tokens_per_player": "3",
        "bodies_at_once": str(4 * MIB),
        "rate_limits": "false",
    }
    with serving(tmp_path_factory.mktemp("strict"), **settings) as running:
        yield running


def dial(service: Service, address: str = "127.0.0.1") -> socket.socket:
    """A connection from one of the many addresses of this machine."""
    url = service.client.base_url
    return socket.create_connection((url.host, url.port or 80), 10, (address, 0))


def is_closed(connection: socket.socket, within_s: float) -> bool:
    connection.settimeout(within_s)
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def asks(service: Service, address: str) -> httpx.Client:
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=service.client.base_url, transport=transport, timeout=60)


# --- deadlines and limits -------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", HEAD], ids=["nothing", "half a head"])
def test_a_head_that_does_not_come_is_not_waited_for(strict: Service, sent: bytes) -> None:
    with dial(strict) as connection:
        connection.sendall(sent)
        assert is_closed(connection, 20)


def test_a_head_that_drips_is_not_waited_for(strict: Service) -> None:
    with dial(strict) as connection:
        connection.sendall(HEAD)
        eventually(lambda: is_gone(connection))


def is_gone(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection, after it was sent one more header."""
    try:
        connection.sendall(b"X-Drip: 1\r\n")
    except OSError:
        return True
    return False


def test_a_second_head_that_does_not_come_is_not_waited_for(strict: Service) -> None:
    with dial(strict) as connection:
        connection.sendall(HEAD + b"\r\n")
        connection.settimeout(20)
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(100_000)
        assert answer.startswith(b"HTTP/1.1 200")
        connection.sendall(HEAD)
        assert is_closed(connection, 20)


def test_a_body_that_does_not_come_is_refused(strict: Service) -> None:
    token = strict.token()["Authorization"].encode()
    with dial(strict) as connection:
        head = b"POST /ir/direct-manual/import HTTP/1.1\r\nHost: x\r\nAuthorization: " + token
        connection.sendall(head + b"\r\nContent-Length: 100\r\n\r\n{")
        connection.settimeout(20)
        answer = b""
        while received := connection.recv(100_000):
            answer += received
        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"success":false' in answer


def test_connections_that_wait_keep_nobody_out(strict: Service) -> None:
    """More than may be open, of four addresses: the newest request is answered all the same."""
    with ExitStack() as waiting:
        for n in range(40):
            waiting.enter_context(dial(strict, f"127.0.1.{n % 4 + 1}")).sendall(HEAD)
        started = time.monotonic()
        with asks(strict, "127.0.0.1") as client:
            assert client.get("/api/v1/status").status_code == 200
        assert time.monotonic() - started < 20


def test_one_address_has_so_many_connections(strict: Service) -> None:
    with ExitStack() as waiting:
        many = [waiting.enter_context(dial(strict, "127.0.2.1")) for _ in range(14)]
        assert all(is_closed(connection, 20) for connection in many[-2:])
        assert not is_closed(many[0], 0.01)
        with asks(strict, "127.0.2.2") as client:
            assert client.get("/api/v1/status").status_code == 200


def test_a_player_has_so_many_tokens(strict: Service) -> None:
    player = next(PLAYERS)
    cookie, path = strict.cookie(player), f"/api/v1/users/{player}/api-tokens/create"
    wanted = {"permissions": ["submit_score"], "identifier": "x" * 100}
    answers = [strict.client.post(path, headers=cookie, json=wanted) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]


def test_requests_at_the_same_time_make_no_more_tokens(strict: Service) -> None:
    player = next(PLAYERS)
    cookie, path = strict.cookie(player), f"/api/v1/users/{player}/api-tokens/create"
    wanted = {"permissions": ["submit_score"]}
    with ThreadPoolExecutor(10) as threads:
        statuses = threads.map(
            lambda _: strict.client.post(path, headers=cookie, json=wanted).status_code, range(10)
        )
        assert sorted(statuses) == [200] * 3 + [409] * 7
    assert list_tokens(strict.store, player).height == 3


def test_a_token_has_a_short_identifier(strict: Service) -> None:
    with pytest.raises(TachiError, match="at most 100 characters"):
        create_token(strict.store, 1, identifier="x" * 101)


def test_many_large_uploads_at_once_are_refused_for_a_while(strict: Service) -> None:
    """Eight uploads of which the server holds four; small requests go on, and afterwards large ones."""
    token = strict.token(next(PLAYERS))
    head = (
        f"POST /api/v1/import/file HTTP/1.1\r\nHost: x\r\nAuthorization: {token['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {MIB + 1000}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="scoreData"; filename="x"\r\n\r\n'
    )
    with ExitStack() as stack:
        uploads = [stack.enter_context(dial(strict, f"127.0.3.{n + 1}")) for n in range(8)]
        for upload in uploads:
            upload.sendall(head.encode() + b" " * MIB)
        answer = strict.upload(json.dumps(DOCUMENT).encode(), token)
        assert answer.status_code == 200, answer.text
        answers = [upload.recv(100_000) for upload in uploads]
    refused = [text for text in answers if text.startswith(b"HTTP/1.1 503")]
    waited = [text for text in answers if text.startswith(b"HTTP/1.1 408")]
    assert (len(refused), len(waited)) == (4, 4)
    assert all(b"retry-after: 5" in text.lower() for text in refused)
    large = json.dumps(DOCUMENT).encode() + b" " * 3 * MIB
    answer = strict.upload(large, strict.token(next(PLAYERS)))
    assert answer.status_code == 200, answer.text


def peak_mib(service: Service) -> float:
    """The most memory that the process has had."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def test_memory_of_many_large_uploads_at_once_is_bounded(tmp_path: Path) -> None:
    """Twelve players send 15 MiB each at once to a server that holds 16 MiB, as one of them took before."""
    players, content = [next(PLAYERS) for _ in range(12)], b" " * 15 * MIB + b"{"
    with serving(tmp_path / "s", bodies_at_once=str(16 * MIB), rate_limits="false") as service:
        tokens = [service.token(player) for player in players]
        assert service.upload(content, tokens[0]).status_code == 400
        alone = peak_mib(service)
        with ThreadPoolExecutor(len(tokens)) as pool:
            sent = pool.map(lambda token: service.upload(content, token).status_code, tokens)
            statuses = set(sent)
        assert statuses <= {400, 503}
        assert 503 in statuses
        # What was refused is forgotten at once.
        assert {service.upload(content, tokens[0]).status_code for _ in range(6)} == {400}
        assert peak_mib(service) - alone < 120


# --- addresses ------------------------------------------------------------------------------------

FORWARDED = {
    "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "scores.example",
}
DOCUMENT = {"meta": {"game": "sdvx", "playtype": "Single", "service": "tests"}, "scores": []}


def poll_address(service: Service, address: str, headers: dict[str, str]) -> str:
    with asks(service, address) as client:
        headers = {**headers, **service.token(next(PLAYERS))}
        answer = client.post("/ir/direct-manual/import", headers=headers, json=DOCUMENT)
        assert answer.status_code == 200, answer.text
        url: str = answer.json()["body"]["url"]
        return url.partition("/api/v1/imports/")[0]


def clients_of(service: Service, agent: str) -> set[str]:
    lines = eventually(lambda: [x for x in service.log_lines() if x.get("agent") == agent])
    return {line["client"] for line in lines}


def test_only_a_named_proxy_says_who_the_client_is(strict: Service) -> None:
    invented, believed = (FORWARDED | {"User-Agent": name} for name in ("invented", "believed"))
    assert poll_address(strict, "127.0.0.1", invented) == strict.address
    assert clients_of(strict, "invented") == {"127.0.0.1"}
    assert poll_address(strict, PROXY, believed) == "https://scores.example"
    assert clients_of(strict, "believed") == {"203.0.113.7"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Host": "tachi.example"}, "http://tachi.example"),
        ({"Host": "tachi.example:81"}, "http://tachi.example:81"),
        ({"Host": "tachi.example", "X-Forwarded-Proto": "https"}, "https://tachi.example"),
        (FORWARDED | {"X-Forwarded-Port": "8443"}, "https://scores.example:8443"),
        (FORWARDED | {"X-Forwarded-Port": "443"}, "https://scores.example"),
        (FORWARDED | {"X-Forwarded-Port": "x"}, "https://scores.example"),
    ],
)
def test_answers_have_the_address_that_the_client_used(
    strict: Service, headers: dict[str, str], expected: str
) -> None:
    assert poll_address(strict, PROXY, headers) == expected


def test_the_address_in_the_settings_is_above_all(tmp_path: Any) -> None:
    base = "https://tachi.example/scores"
    with serving(tmp_path, base_url=base + "/", trusted_proxies=PROXY) as service:
        assert poll_address(service, "127.0.0.1", {}) == base
        assert poll_address(service, PROXY, FORWARDED) == base


# --- pages of others ------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_a_cookie_counts_only_on_pages_of_ours(service: Service, origin: str | None) -> None:
    cookie = service.cookie(next(PLAYERS))
    ours, others = dict(cookie), {"Cookie": cookie["Cookie"]}
    if origin is not None:
        others["Origin"] = origin
    wanted = {"permissions": ["submit_score"]}
    for path in ("/api/v1/users/me/api-tokens/create", "/api/v1/import/orphans"):
        answer = service.client.post(path, headers=others, json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert service.client.post(path, headers=ours, json=wanted).status_code == 200
    assert service.get("/api/v1/status", others)["whoami"]
    file = {"scoreData": ("x.json", json.dumps(DOCUMENT).encode())}
    data = {"importType": "file/batch-manual"}
    for headers, status in ((others, 403), (ours, 200)):  # The service remembers the cookie by now.
        answer = service.client.post("/api/v1/import/file", headers=headers, data=data, files=file)
        assert answer.status_code == status


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain;x=json", "text/plain; application/json", ""]
)
def test_json_is_only_what_is_called_json(service: Service, kind: str) -> None:
    content, token = json.dumps(DOCUMENT).encode(), service.token(next(PLAYERS))
    for path in ("/ir/direct-manual/import", "/api/v1/import/from-api"):
        headers = {**token, "Content-Type": kind}
        assert service.client.post(path, headers=headers, content=content).status_code == 400
    headers = {**token, "Content-Type": "Application/JSON; charset=utf-8"}
    path = "/ir/direct-manual/import"
    assert service.client.post(path, headers=headers, content=content).status_code == 200


@pytest.mark.parametrize("host", ["[::", "a b", '"', "é", "x" * 5000, ""])
def test_any_host_is_only_text(service: Service, host: str) -> None:
    cookie = service.cookie(next(PLAYERS))["Cookie"]
    head = f"POST /api/v1/import/orphans HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
    with dial(service) as connection:
        connection.sendall(
            (head + "Origin: http://x\r\nConnection: close\r\n\r\n").encode("latin-1")
        )
        connection.settimeout(20)
        assert connection.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 403")


# --- what others may read -------------------------------------------------------------------------


def test_why_an_import_failed_is_for_its_player(service: Service) -> None:
    player, other = next(PLAYERS), next(PLAYERS)
    mine, admin = service.token(player), service.cookie(next(PLAYERS), level="ADMIN")
    refused = service.upload(b'{"secret": ', mine)
    assert refused.status_code == 400
    failed = f"/api/v1/users/{player}/imports/failed"
    (found,) = eventually(lambda: service.get(failed, mine))
    assert found["error"]["message"] == refused.json()["description"]
    poll = f"/api/v1/imports/{found['importID']}/poll-status"
    for headers in (mine, service.cookie(player), admin):
        answer = service.client.get(poll, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["description"] == found["error"]["message"]
        assert found in service.get(failed, headers)
    for headers in ({}, service.token(other), service.cookie(other)):
        answer = service.client.get(poll, headers=headers)
        assert answer.status_code == 400
        assert found["error"]["message"] not in answer.text
        for path in (failed, "/api/v1/imports/failed"):
            assert found["error"]["message"] not in service.client.get(path, headers=headers).text


LONG = "k" * 5000


@pytest.mark.parametrize(
    "body",
    [
        {"importType": LONG},
        {LONG: 1},
        {"meta": {"game": LONG, "playtype": "Single", "service": "tests"}, "scores": []},
        {"meta": {"game": "sdvx", "playtype": LONG, "service": "tests"}, "scores": []},
        {**DOCUMENT, LONG: 1},
        {**DOCUMENT, "scores": [{LONG: 1}]},
        {**DOCUMENT, "classes": {LONG: LONG}},
    ],
    ids=["type", "member", "game", "playtype", "document", "score", "class"],
)
def test_a_message_repeats_little_of_an_input(service: Service, body: dict[str, Any]) -> None:
    token = service.token(next(PLAYERS))
    answers = [
        service.client.post("/ir/direct-manual/import", headers=token, json=body),
        service.client.post("/api/v1/import/from-api", headers=token, json=body),
        service.upload(json.dumps(body).encode(), token),
        service.upload(b"{}", token, importType=LONG),
        service.client.get(f"/api/v1/imports?importType={LONG}"),
        service.client.get(f"/api/v1/imports?{LONG}=1"),
        service.client.get(f"/api/v1/users/{LONG}"),
    ]
    for answer in answers:
        assert answer.status_code in (400, 404), answer.text[:300]
        assert answer.json()["description"].count("k") <= 300
