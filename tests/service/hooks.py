"""Game clients: where each sends plays, with which headers, and what it adds to the sample's body."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

import tachi_data as td
from tests.import_types.samples import Sample
from tests.service.servers import Service

PLAYERS = itertools.count(5000)
MODEL = "LDJ:J:A:A:2025011400"
FERVIDEX = {"User-Agent": "fervidex/1.3.0", "X-Software-Model": MODEL}
KSHOOK = {"User-Agent": "kshook/0.2.0", "X-Software-Model": "QCV:J:B:A:2024010100"}
ORAJA = {"X-TachiIR-Version": "v3.0.0"}
CHART = {
    "chartHash": "ab" * 20,
    "artist": "The Testers",
    "title": "Paper Comet",
    "level": 15,
    "difficulty": 2,
    "effector": "nobody",
    "illustrator": "nobody",
    "bpm": "180",
}


@dataclass(frozen=True)
class Hook:
    """A client: where it sends plays, with which headers, and what it adds to the sample's body."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    key: str = "description"
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


HOOKS = {
    "ir/direct-manual": Hook("/ir/direct-manual/import", {"X-Infer-Score-TimeAchieved": "TRUE"}),
    "ir/barbatos": Hook("/ir/barbatos/score/submit"),
    "ir/beatoraja": Hook("/ir/beatoraja/submit-score", ORAJA),
    "ir/fervidex": Hook("/ir/fervidex/score/submit", FERVIDEX, key="error"),
    "ir/fervidex-static": Hook(
        "/ir/fervidex/profile/submit",
        FERVIDEX,
        key="error",
        settings={"forceStaticImport": True},
        name="fervidex",
    ),
    "ir/kshook-sv6c": Hook("/ir/kshook/sv6c/score/save", KSHOOK, key="error"),
    "ir/kshook-sv6c-static": Hook(
        "/ir/kshook/sv6c/score/export",
        KSHOOK,
        key="error",
        settings={"forceStaticImport": True},
        name="kshook-sv6c",
    ),
    "ir/lr2hook": Hook("/ir/lr2hook/import"),
    "ir/usc": Hook("/ir/usc/Controller/scores", more={"chart": CHART}),
}


def send(
    service: Service, kind: str, headers: Mapping[str, str], body: Any = None
) -> httpx.Response:
    hook = HOOKS[kind]
    sent = {**Sample(kind).source, **hook.more} if body is None else body
    return service.client.post(hook.path, headers={**hook.headers, **headers}, json=sent)


def settings_path(name: str) -> str:
    return f"/api/v1/users/me/integrations/{name}/settings"


def asked_for(service: Service, kind: str, player: int) -> None:
    """Let the player set what the client needs."""
    hook = HOOKS[kind]
    if hook.settings:
        answer = service.client.patch(
            settings_path(hook.name), headers=service.cookie(player), json=hook.settings
        )
        assert answer.status_code == 200, answer.text


def eventually(look: Callable[[], Any]) -> Any:
    """What is found, once there is something."""
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def stored(service: Service, player: int) -> list[dict[str, Any]]:
    return td.export_documents(service.store, "scores", user_id=player)
