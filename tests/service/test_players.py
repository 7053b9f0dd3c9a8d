"""Logging in, tokens, and links to other services, which need a browser that is logged in."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

import tachi_data as td
from tachi_data.players import integrations
from tachi_data.players.accounts import change_account, login_code
from tests.import_types.samples import Sample
from tests.import_types.upstreams.servers import Reply, Request, running
from tests.import_types.upstreams.test_kai import HISTORY, Kai
from tests.service.servers import EMPTY, Service, serving

PLAYERS = itertools.count(7000)
CARD = {"cardID": "E004" * 4, "pin": "4321"}


@pytest.fixture(scope="module")
def kai() -> Iterator[Kai]:
    fake = Kai()
    with running(fake.upstream):
        yield fake


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, kai: Kai) -> Iterator[Service]:
    """A server that knows how to reach FLO, and nobody else."""
    oauth = {"CLIENT_ID": "us", "CLIENT_SECRET": "s3cret", "REDIRECT_URI": "http://here"}
    settings = {
        "rate_limits": "false",
        "TACHI_KEY": integrations.new_key(),
        "FLO_API_URL": kai.upstream.url,
        "FLO_OAUTH2_INFO": json.dumps(oauth),
    }
    with serving(tmp_path_factory.mktemp("linked"), **settings) as service:
        td.patch_catalogue(service.store, Sample("api/flo-iidx").catalogue)
        yield service


def links(path: str, player: object = "me") -> str:
    return f"/api/v1/users/{player}/integrations/{path}"


# --- logging in and tokens ------------------------------------------------------------------------


def test_a_link_logs_one_browser_in_once(service: Service) -> None:
    player = next(PLAYERS)
    code = login_code(service.store, player)
    login = "/api/v1/auth/login"
    for wrong, status in (({}, 400), ({"code": 1}, 400), ({"code": "x"}, 401), ([], 400)):
        assert service.client.post(login, json=wrong).status_code == status
    answer = service.client.post(login, json={"code": code})
    assert (answer.status_code, answer.json()["body"]) == (200, {"userID": player})
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    service.client.cookies.clear()
    assert service.client.post(login, json={"code": code}).status_code == 401
    cookie = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
    assert service.get("/api/v1/status", cookie)["whoami"] == player
    assert len(service.get("/api/v1/status", cookie)["permissions"]) == 8
    assert service.get("/api/v1/status", {**cookie, **service.token(1)})["whoami"] == player
    assert service.client.post("/api/v1/auth/logout", headers=cookie).status_code == 403
    ours = {**cookie, "Origin": service.address}
    assert service.client.post("/api/v1/auth/logout", headers=ours).status_code == 200
    assert service.get("/api/v1/status", cookie)["whoami"] is None
    assert code not in service.log


def test_tokens_are_made_shown_once_and_revoked(service: Service) -> None:
    player = next(PLAYERS)
    cookie, path = service.cookie(player), f"/api/v1/users/{player}/api-tokens"
    wanted = {"permissions": ["submit_score"], "identifier": "mine"}
    made = service.client.post(f"{path}/create", headers=cookie, json=wanted).json()["body"]
    assert made["permissions"] == {"submit_score": True}
    token = {"Authorization": f"Bearer {made['token']}"}
    assert service.get("/api/v1/status", token)["permissions"] == ["submit_score"]
    (listed,) = service.get(path, cookie)
    assert listed["identifier"] == "mine"
    assert listed["token"] not in (made["token"], "")
    for wrong, status in (
        ({}, 400),
        ({**wanted, "clientID": "x"}, 400),
        ({"permissions": ["fly"]}, 400),
        ({"permissions": "submit_score"}, 400),
        ({"permissions": [], "identifier": 1}, 400),
        ({"permissions": [], "identifier": "x" * 101}, 400),
        ({"clientID": "x"}, 404),
    ):
        answer = service.client.post(f"{path}/create", headers=cookie, json=wrong)
        assert answer.status_code == status
    assert service.client.get(path).status_code == 401
    assert service.client.get(path, headers=token).status_code == 403
    other = service.cookie(next(PLAYERS), level="ADMIN")
    assert service.client.get(path, headers=other).status_code == 403
    mine = f"/api/v1/users/me/api-tokens/{made['token']}"
    assert service.client.delete(mine, headers=other).status_code == 404
    assert service.client.delete(mine, headers=cookie).status_code == 200
    assert service.client.delete(mine, headers=cookie).status_code == 404
    assert service.client.get("/api/v1/status", headers=token).status_code == 401


def test_a_player_is_a_number_a_name_or_me(service: Service) -> None:
    player = next(PLAYERS)
    change_account(service.store, player, username="Mel_ody")
    cookie = service.cookie(player)
    for name in (player, "MEL_ODY", "me"):
        assert service.get(f"/api/v1/users/{name}/imports", cookie) == []
        found = service.get(f"/api/v1/users/{name}", cookie)
        assert (found["id"], found["username"], found["authLevel"]) == (player, "Mel_ody", 1)
        assert "token" not in str(found).lower()
    for name, status in (("nobody", 404), ("999999999999999999999", 404), ("me", 401)):
        for path in ("", "/imports"):
            assert service.client.get(f"/api/v1/users/{name}{path}").status_code == status


# --- links ----------------------------------------------------------------------------------------

ROUTES = [
    ("GET", "cg/dev"),
    ("PUT", "cg/dev"),
    ("DELETE", "cg/dev"),
    ("GET", "myt"),
    ("PUT", "myt"),
    ("DELETE", "myt"),
    ("GET", "kai/flo"),
    ("DELETE", "kai/flo"),
    ("POST", "kai/flo/oauth2callback"),
    ("GET", "kai/nope"),
    ("GET", "fervidex/settings"),
    ("PATCH", "kshook-sv6c/settings"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_the_player_alone_may(linked: Service, method: str, path: str) -> None:
    player = next(PLAYERS)
    linked.cookie(player)
    url = links(path, player)

    def status(headers: dict[str, str]) -> int:
        return linked.client.request(method, url, headers=headers).status_code

    assert status({}) == 401
    assert status(linked.token(player)) == 403
    assert status(linked.cookie(next(PLAYERS), level="ADMIN")) == 403
    assert status(linked.cookie(player)) in (200, 400, 409)


@pytest.mark.parametrize(
    ("path", "card", "shown", "wrong"),
    [
        (
            "cg/nag",
            CARD,
            {"service": "nag", "cardID": CARD["cardID"], "hasPin": True},
            [{"pin": "432"}, {"pin": 4321}, {"cardID": "x" * 15}, {"more": "x"}, {"pin": None}],
        ),
        (
            "myt",
            {"cardAccessCode": "0123456789" * 2},
            {"cardAccessCode": "0123456789" * 2},
            [{"cardAccessCode": "1" * 19}, {"cardAccessCode": int("1" * 20)}, {"more": ""}],
        ),
    ],
)
def test_cards_are_set_shown_without_pin_and_removed(
    linked: Service, path: str, card: dict[str, Any], shown: dict[str, Any], wrong: list[Any]
) -> None:
    player = next(PLAYERS)
    cookie, url = linked.cookie(player), links(path)
    assert linked.get(url, cookie) is None
    for change in wrong:
        answer = linked.client.put(url, headers=cookie, json=card | change)
        assert answer.status_code == 400
        assert CARD["pin"] not in answer.text
    assert linked.client.put(url, headers=cookie, json=[]).status_code == 400
    for _ in range(2):
        assert linked.client.put(url, headers=cookie, json=card).json()["body"] == {}
        assert linked.get(url, cookie) == {"userID": player, **shown}
    for _ in range(2):
        assert linked.client.delete(url, headers=cookie).status_code == 200
    assert linked.get(url, cookie) is None
    assert CARD["pin"] not in linked.log


def test_removing_one_card_leaves_the_others(linked: Service) -> None:
    """FIX-H16: DELETE /myt forgets the card of myt, and no other."""
    cookie = linked.cookie(next(PLAYERS))
    linked.client.put(links("cg/gan"), headers=cookie, json=CARD)
    linked.client.put(links("myt"), headers=cookie, json={"cardAccessCode": "1" * 20})
    linked.client.delete(links("myt"), headers=cookie)
    assert linked.get(links("myt"), cookie) is None
    assert linked.get(links("cg/gan"), cookie)["cardID"] == CARD["cardID"]


def test_unknown_services(linked: Service) -> None:
    cookie = linked.cookie(next(PLAYERS))
    assert linked.client.get(links("cg/DEV")).status_code == 404
    assert linked.client.get(links("kai/nope"), headers=cookie).status_code == 400
    assert linked.client.get(links("nope/settings"), headers=cookie).status_code == 404


def test_a_service_is_linked_with_a_code_and_fetched_from(linked: Service, kai: Kai) -> None:
    """Acceptance 4: from-api without linked account is 401 with a failed tracker; linked, it imports."""
    player = next(PLAYERS)
    cookie, token = linked.cookie(player), linked.token(player)
    wanted, path = {"importType": "api/flo-iidx"}, "/api/v1/import/from-api"
    missing = linked.client.post(path, headers=token, json=wanted)
    assert (missing.status_code, missing.json()["code"]) == (401, "integration_missing")
    (failed,) = linked.get(f"/api/v1/users/{player}/imports/failed", token)
    assert failed["error"]["statusCode"] == 401
    assert failed["importType"] == "api/flo-iidx"

    assert linked.get(links("kai/FLO"), cookie) == {"authStatus": False}
    callback = links("kai/flo/oauth2callback")
    for body, status in (({}, 400), ({"code": 1}, 400), ({"code": "wrong"}, 400)):
        assert linked.client.post(callback, headers=cookie, json=body).status_code == status
    code = {"code": "from-the-page", "state": "ignored"}
    assert linked.client.post(callback, headers=cookie, json=code).json()["body"] == {}
    assert linked.get(links("kai/flo"), cookie) == {"authStatus": True}

    headers = {**token, "X-User-Intent": "true"}
    answer = linked.client.post(path, headers=headers, json=wanted | {"more": 1})
    assert answer.status_code == 200, answer.text
    document = answer.json()["body"]
    assert document["scoreIDs"]
    assert document["userIntent"] is True

    unlinked = linked.client.delete(links("kai/flo"), headers=cookie)
    assert unlinked.json()["body"] == {}
    assert linked.client.delete(links("kai/flo"), headers=cookie).status_code == 409
    secrets = (f"Bearer {kai.access}", "s3cret", "from-the-page", token["Authorization"][7:])
    assert not [secret for secret in secrets if secret in linked.log]


def test_one_thing_at_a_time(linked: Service, kai: Kai, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acceptance 9: while an import runs, another one, orphans and a revert of the player are 409.

    FIX-H07: 409 carries Retry-After and the running importID.
    """
    player = next(PLAYERS)
    token, wanted = (
        linked.token(player, "submit_score", "delete_score"),
        {"importType": "api/flo-iidx"},
    )
    code, post = {"code": "from-the-page"}, linked.client.post
    post(links("kai/flo/oauth2callback"), headers=linked.cookie(player), json=code)
    first = post("/api/v1/import/from-api", headers=token, json=wanted).json()["body"]["importID"]

    def slowly(request: Request) -> Reply:
        return replace(kai.answer(request), wait_s=3 if request.path == HISTORY else 0)

    monkeypatch.setattr(kai.upstream, "answer", slowly)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(post, "/api/v1/import/from-api", headers=token, json=wanted)
        while not linked.spooled:
            time.sleep(0.02)
        (busy,) = linked.spooled
        refused = [
            linked.upload(EMPTY, token),
            post("/api/v1/import/orphans", headers=token),
            post(f"/api/v1/imports/{first}/revert", headers=token),
            linked.client.delete("/api/v1/scores/T0", headers=token),
        ]
        polled = linked.get(f"/api/v1/imports/{busy}/poll-status")
        other = linked.upload(EMPTY, linked.token(next(PLAYERS)))
        assert not running.done()
    assert refused.pop().status_code == 404
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (409, "import_ongoing")
        assert answer.json()["importID"] == busy
        assert int(answer.headers["Retry-After"]) > 0
    assert other.status_code == 200
    assert polled["importStatus"] == "ongoing"
    assert running.result().json()["body"]["importID"] == busy
    failed = linked.get(f"/api/v1/users/{player}/imports/failed", token)
    assert [f["error"]["statusCode"] for f in failed] == [409]
    assert linked.get(f"/api/v1/imports/{first}")["import"]["importID"] == first


def test_services_that_are_not_set_up_or_do_not_answer(linked: Service, kai: Kai) -> None:
    player = next(PLAYERS)
    cookie, token = linked.cookie(player), linked.token(player)
    path = "/api/v1/import/from-api"
    code = {"code": "from-the-page"}
    callback = links("kai/eag/oauth2callback")
    assert linked.client.post(callback, headers=cookie, json=code).status_code == 500
    linked.client.put(links("cg/dev"), headers=cookie, json=CARD)
    wanted = {"importType": "api/cg-dev-jubeat"}
    assert linked.client.post(path, headers=token, json=wanted).status_code == 500
    form = linked.client.post(path, headers=token, data={"importType": "api/flo-iidx"})
    assert (form.status_code, form.json()["code"]) == (400, "invalid_import_type")
    for kind in ("file/batch-manual", "api/nope", "", 1, None, ["api/flo-iidx"]):
        answer = linked.client.post(path, headers=token, json={"importType": kind})
        assert answer.status_code == 400
