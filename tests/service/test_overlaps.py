"""One import at a time, per player: another one is refused at once, however busy the store is."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

import tachi_data as td
from tachi_data.backlog import spool
from tests.import_types.samples import Sample
from tests.service.hooks import HOOKS, PLAYERS, eventually, send
from tests.service.servers import EMPTY, Service, serving
from tests.service.test_hostile import long_import, until

Ask = Callable[[Service, dict[str, str]], httpx.Response]


def upload(service: Service, headers: dict[str, str]) -> httpx.Response:
    return service.upload(EMPTY, headers)


def from_api(service: Service, headers: dict[str, str]) -> httpx.Response:
    body = {"importType": "api/flo-iidx"}
    return service.client.post("/api/v1/import/from-api", headers=headers, json=body)


def orphans(service: Service, headers: dict[str, str]) -> httpx.Response:
    return service.client.post("/api/v1/import/orphans", headers=headers)


def revert(service: Service, headers: dict[str, str]) -> httpx.Response:
    path = f"/api/v1/imports/{headers['X-Import']}/revert"
    return service.client.post(path, headers=headers)


def hook(kind: str) -> Ask:
    def ask(service: Service, headers: dict[str, str]) -> httpx.Response:
        return send(service, kind, headers)

    return ask


CLIENTS = [kind for kind in HOOKS if not kind.endswith("static")]
ASKS = {
    "file": upload,
    "from-api": from_api,
    "orphans": orphans,
    "revert": revert,
    **{kind: hook(kind) for kind in CLIENTS},
}


@pytest.fixture
def player(clients: Service) -> dict[str, str]:
    """Headers of a player whom the service has seen before, and who has something to revert."""
    headers = clients.token(next(PLAYERS))
    done = clients.upload(EMPTY, headers).json()["body"]["importID"]
    return {**headers, "X-Import": done}


def is_refused(answer: httpx.Response, kind: str) -> bool:
    if kind == "ir/usc":
        assert answer.status_code == 200
        return bool(answer.json()["statusCode"] == 40)
    return answer.status_code == 409


@pytest.mark.parametrize("first", ["file", "orphans", "revert", "ir/lr2hook"])
@pytest.mark.parametrize("second", ["file", "from-api", "orphans", "revert", "ir/barbatos"])
def test_the_second_one_is_refused_while_the_store_is_held(
    clients: Service, player: dict[str, str], first: str, second: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with clients.store.write():  # In another process than the service.
            waiting = pool.submit(ASKS[first], clients, player)
            time.sleep(0.6)
            asked = time.monotonic()
            answer = ASKS[second](clients, player)
            assert time.monotonic() - asked < 2
            assert not waiting.done()
        assert waiting.result().status_code == 200
    assert answer.status_code == 409, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    content = answer.json()
    assert content["success"] is False
    if second != "ir/barbatos" or "code" in content:
        assert content["code"] == "import_ongoing"
    assert ("importID" in content) == (first in ("file", "ir/lr2hook"))
    if first == "file":
        assert waiting.result().json()["body"]["importID"] == content["importID"]


@pytest.mark.parametrize("kind", CLIENTS)
def test_plays_of_every_client_are_refused_beside_an_import(
    clients: Service, player: dict[str, str], kind: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with clients.store.write():
            waiting = pool.submit(upload, clients, player)
            time.sleep(0.6)
            asked = time.monotonic()
            answer = send(clients, kind, player)
            assert time.monotonic() - asked < 2
        assert waiting.result().status_code == 200
    assert is_refused(answer, kind), answer.text
    assert "running" in answer.json()[HOOKS[kind].key]
    assert not is_refused(send(clients, kind, player), kind)


def test_of_two_at_the_same_time_one_is_done(clients: Service, player: dict[str, str]) -> None:
    done: list[tuple[float, int]] = []

    def ask(_: int) -> None:
        status = upload(clients, player).status_code
        done.append((time.monotonic(), status))

    with ThreadPoolExecutor(2) as pool:
        with clients.store.write():
            asked = pool.map(ask, range(2))
            time.sleep(2)
            released = time.monotonic()
        list(asked)
    assert sorted(status for _, status in done) == [200, 409]
    assert {status for when, status in done if when < released} == {409}


def test_many_that_wait_for_the_store_keep_the_others_answered(
    clients: Service, player: dict[str, str]
) -> None:
    """45 imports wait; page, status, a refusal, and the progress of an accepted import are answered all the same."""
    tokens = [player, *(clients.token(next(PLAYERS)) for _ in range(44))]
    accepted = td.ImportJob("file/batch-manual", EMPTY, next(PLAYERS))
    with ThreadPoolExecutor(len(tokens)) as pool:
        with clients.store.write():
            waiting = [pool.submit(upload, clients, token) for token in tokens]
            time.sleep(2)
            spool.put(clients.spool, accepted)
            asked = time.monotonic()
            assert upload(clients, player).status_code == 409
            polled = f"/api/v1/imports/{accepted.import_id}/poll-status"
            for path in ("/", "/api/v1/status", polled):
                answer = clients.client.get(path)
                assert answer.status_code == 200, answer.text
            assert time.monotonic() - asked < 10
            assert not any(one.done() for one in waiting)
        assert {one.result().status_code for one in waiting} == {200}


def test_other_players_are_not_refused(clients: Service, player: dict[str, str]) -> None:
    other = clients.token(next(PLAYERS))
    assert upload(clients, other).status_code == 200
    with ThreadPoolExecutor(2) as pool:
        with clients.store.write():
            waiting = [pool.submit(upload, clients, headers) for headers in (player, other)]
            time.sleep(1)
        assert [answer.result().status_code for answer in waiting] == [200, 200]


def test_the_refused_import_is_listed_as_failed(clients: Service, player: dict[str, str]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with clients.store.write():
            waiting = pool.submit(upload, clients, player)
            time.sleep(0.6)
            assert upload(clients, player).status_code == 409
        assert waiting.result().status_code == 200
    user_id = waiting.result().json()["body"]["userID"]
    path = f"/api/v1/users/{user_id}/imports/failed"
    (failed,) = eventually(lambda: clients.get(path, player))
    assert (failed["importType"], failed["error"]["statusCode"]) == ("file/batch-manual", 409)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("DELETE FROM api_tokens WHERE user_id = $user", 401),
        ("INSERT INTO accounts VALUES ($user, NULL, 'BANNED')", 403),
    ],
)
@pytest.mark.parametrize("kind", ["file", "orphans", "revert", "ir/direct-manual"])
def test_who_may_not_any_more_is_refused_when_the_store_says_so(
    clients: Service, kind: str, change: str, status: int
) -> None:
    user_id = next(PLAYERS)
    headers = clients.token(user_id)
    first = clients.upload(Sample("file/batch-manual").source, headers).json()["body"]["importID"]
    headers["X-Import"] = first
    with ThreadPoolExecutor(1) as pool:
        with clients.store.write() as con:
            con.execute(change, {"user": user_id})
            waiting = pool.submit(ASKS[kind], clients, headers)
            time.sleep(1)
        assert waiting.result().status_code == status
    documents = td.export_documents(clients.store, "imports", user_id=user_id)
    assert [document["importID"] for document in documents] == [first]
    assert upload(clients, headers).status_code == status
    assert clients.store.query("FROM import_trackers WHERE user_id = ?", [user_id]).is_empty()


def test_an_administrator_reverts_what_others_imported_while_importing(
    clients: Service, player: dict[str, str]
) -> None:
    admin = clients.cookie(next(PLAYERS), level="ADMIN")
    assert upload(clients, admin).status_code == 200
    with ThreadPoolExecutor(2) as pool:
        with clients.store.write():
            waiting = [pool.submit(upload, clients, admin)]
            time.sleep(0.6)
            waiting.append(pool.submit(revert, clients, admin | {"X-Import": player["X-Import"]}))
            time.sleep(0.6)
            assert not any(answer.done() for answer in waiting)
        assert [answer.result().status_code for answer in waiting] == [200, 200]


def test_who_does_not_wait_leaves_nobody_waiting_behind(
    clients: Service, player: dict[str, str]
) -> None:
    """Settings of this client are looked up in the store, for which each request would wait in a thread."""

    def waiting_files() -> int:
        names = []
        for path in Path(f"/proc/{clients.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                names.append(path.readlink().suffix)
        return names.count(".lock") + names.count(".queue")

    with ThreadPoolExecutor(1) as pool:
        with clients.store.write():
            waiting = pool.submit(upload, clients, player)
            time.sleep(0.6)
            before = waiting_files()
            for _ in range(40):
                assert send(clients, "ir/fervidex", player).status_code == 409
            assert waiting_files() - before <= 4
        assert waiting.result().status_code == 200


@pytest.mark.slow
def test_beside_an_import_that_takes_long(tmp_path: Path, sample: Path, scores: bytes) -> None:
    """Acceptance 9: a revert during an import is 409. All of the others are, too, and at once."""
    with serving(tmp_path, sample / "catalogue", rate_limits="false") as service:
        headers = service.token()
        headers["X-Import"] = service.upload(EMPTY, headers).json()["body"]["importID"]
        with ThreadPoolExecutor(1) as pool:
            running: Future[httpx.Response] = pool.submit(
                service.upload, long_import(scores, 60_000), headers
            )
            until(lambda: bool(service.spooled))
            (import_id,) = service.spooled
            count = 0
            while not running.done():
                asks = (upload, from_api, orphans, revert, hook("ir/barbatos"))
                answers = [ask(service, headers) for ask in asks]
                if running.done():
                    break
                assert [answer.status_code for answer in answers] == [409] * len(asks)
                assert {answer.json().get("importID", import_id) for answer in answers} == {
                    import_id
                }
                count += 1
            assert count > 3
        assert running.result().status_code == 200
