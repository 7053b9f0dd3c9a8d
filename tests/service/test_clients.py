"""Routes of game clients: what holds for all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.import_types.samples import Sample
from tests.service.hooks import (
    HOOKS,
    PLAYERS,
    asked_for,
    eventually,
    send,
    stored,
)
from tests.service.servers import Service, serving


def where(service: Service, document: dict[str, Any]) -> dict[str, str]:
    """What every answer to an import says about its poll."""
    import_id = document["importID"]
    url = f"{service.client.base_url}/api/v1/imports/{import_id}/poll-status"
    return {"url": url, "importID": import_id}


KINDS = pytest.mark.parametrize("kind", HOOKS)


@KINDS
def test_plays_are_imported_and_known_the_second_time(clients: Service, kind: str) -> None:
    player = next(PLAYERS)
    asked_for(clients, kind, player)
    token = clients.token(player)
    answer = send(clients, kind, token)
    assert answer.status_code == (202 if kind == "ir/fervidex-static" else 200), answer.text
    (document,) = eventually(lambda: clients.get(f"/api/v1/users/{player}/imports"))
    assert (document["importType"], document["userIntent"]) == (kind, False)
    expected = json.loads(Sample(kind).expected.read_text())
    want = [score["scoreData"] for score in expected["scores"]]
    found = clients.get(f"/api/v1/imports/{document['importID']}")["scores"]
    order = {i: n for n, i in enumerate(document["scoreIDs"])}
    found.sort(key=lambda score: order[score["scoreID"]])
    assert [score["scoreData"] for score in found] == want
    if kind == "ir/fervidex-static":
        assert answer.json()["body"] == where(clients, document)
        return
    if kind not in ("ir/usc", "ir/beatoraja"):
        assert answer.json()["body"] == document | where(clients, document)
    asked_for(clients, kind, player)
    again = send(clients, kind, token)
    assert again.status_code == 200
    assert again.json().get("success", True) is True
    assert len(stored(clients, player)) == len(want)


@KINDS
def test_who_sends_comes_first(clients: Service, kind: str) -> None:
    """In the words of each client; USC-IR says everything with HTTP 200."""

    def refused(headers: dict[str, str], status: int, code: int, key: str) -> None:
        answer = send(clients, kind, headers, {"nonsense": 1})
        content = answer.json()
        if kind == "ir/usc":
            assert (answer.status_code, content["statusCode"]) == (200, code)
            assert content["description"]
            return
        assert answer.status_code == status
        assert content["success"] is False
        assert content[key]
        assert ("error" in content) == (key == "error")

    key, player = HOOKS[kind].key, next(PLAYERS)
    refused({}, 401, 40, key)
    refused({"Authorization": "Basic abc"}, 400, 40, key)
    refused({"Authorization": "Bearer"}, 401, 41, key)
    refused({"Authorization": "Bearer nope"}, 401, 41, key)
    refused(clients.token(player, "manage_rivals"), 403, 43, "description")
    clients.cookie(player, level="BANNED")
    refused(clients.token(player), 403, 43, "description")


@KINDS
def test_bodies_that_are_no_plays(clients: Service, kind: str) -> None:
    player = next(PLAYERS)
    asked_for(clients, kind, player)
    headers = {**HOOKS[kind].headers, **clients.token(player), "Content-Type": "application/json"}
    path = HOOKS[kind].path
    for content in (b"{", b"5", b"\xff"):
        answer = clients.client.post(path, headers=headers, content=content)
        assert answer.status_code == 400
        assert answer.json()["success"] is False
    mebibytes = 16 if path.endswith("direct-manual/import") else 4
    large = b'{"x": "' + b"x" * mebibytes * 1024 * 1024 + b'"}'
    assert clients.client.post(path, headers=headers, content=large).status_code == 413
    if kind == "ir/fervidex-static":
        assert clients.client.post(path, headers=headers, content=b"{}").status_code == 202
        return
    for content in (b"", b"[]", b"{}", b'{"score": null, "chart": [], "scores": 1}'):
        answer = clients.client.post(path, headers=headers, content=content)
        if kind == "ir/usc":
            assert (answer.status_code, answer.json()["statusCode"]) == (200, 40)
        else:
            assert answer.status_code == 400
            assert answer.json()[HOOKS[kind].key]
    assert stored(clients, player) == []


def test_other_networks_have_other_clients(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("boku"), rate_limits="false", flavour="boku") as boku:
        headers = boku.token()
        there = {kind: send(boku, kind, headers, {}).status_code != 404 for kind in HOOKS}
        assert [kind for kind, found in there.items() if found] == [
            "ir/direct-manual",
            "ir/beatoraja",
            "ir/lr2hook",
            "ir/usc",
        ]
        cookie = boku.cookie(1)
        for path in ("kai/flo", "myt", "fervidex/settings"):
            url = f"/api/v1/users/1/integrations/{path}"
            assert boku.client.get(url, headers=cookie).status_code == 404
        assert boku.get("/api/v1/users/1/integrations/cg/dev", cookie) is None
