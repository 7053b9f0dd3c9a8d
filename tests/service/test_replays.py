"""Replays of USC: what is kept, and where."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.hooks import PLAYERS, send
from tests.service.servers import Service

URL = "/ir/usc/Controller/replays"
LARGEST = 1024 * 1024


def played(service: Service, player: int) -> str:
    """A new score of the player; the ID under which the client is told to send a replay."""
    answer = send(service, "ir/usc", service.token(player)).json()
    asked: str = answer["body"]["sendReplay"]
    return asked


def replay(
    service: Service, player: int, content: bytes | None, identifier: str | None
) -> httpx.Response:
    data = {} if identifier is None else {"identifier": identifier}
    files = None if content is None else {"replay": ("x.urf", content)}
    return service.client.post(URL, headers=service.token(player), data=data, files=files)


def code(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.json()["statusCode"])


def kept(service: Service) -> Path:
    return service.folder / "files" / "uscir" / "replays"


def all_files(service: Service) -> set[Path]:
    return {path for path in service.folder.rglob("*") if "store.duckdb" not in path.name}


def test_a_replay_is_kept_and_replaced(clients: Service) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    for content in (b"first", b"", bytes(range(256)) * (LARGEST // 256)):
        answer = replay(clients, player, content, score_id)
        assert (code(answer), answer.json()["body"]) == (20, {})
        assert (kept(clients) / score_id).read_bytes() == content
    assert [path.name for path in kept(clients).iterdir() if score_id in path.name] == [score_id]


def test_a_replay_outlives_its_score(clients: Service) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    assert code(replay(clients, player, b"replay", score_id)) == 20
    clients.client.request("DELETE", f"/api/v1/scores/{score_id}", headers=clients.token(player))
    assert code(replay(clients, player, b"another", score_id)) == 44
    assert (kept(clients) / score_id).read_bytes() == b"replay"


def test_who_sends_comes_first(clients: Service) -> None:
    def refused(headers: dict[str, str]) -> int:
        return code(clients.client.post(URL, headers=headers, files={"replay": b"x"}))

    player = next(PLAYERS)
    assert refused({}) == 40
    assert refused({"Authorization": "Basic abc"}) == 40
    assert refused({"Authorization": "Bearer nope"}) == 41
    assert refused(clients.token(player, "delete_score")) == 43
    headers = clients.token(player)
    other = clients.client.post("/ir/usc/controller/replays", headers=headers)
    assert (other.status_code, other.json()["success"]) == (400, False)


def test_what_is_missing(clients: Service) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    headers = clients.token(player)
    assert code(replay(clients, player, b"x", None)) == 40
    assert code(replay(clients, player, b"x", "")) == 40
    assert code(replay(clients, player, None, score_id)) == 40
    assert code(clients.client.post(URL, headers=headers, json={"identifier": score_id})) == 40
    assert code(clients.client.post(URL, headers=headers)) == 40
    text = clients.client.post(
        URL, headers=headers, files={"identifier": (None, score_id), "replay": (None, "text")}
    )
    assert code(text) == 40
    assert not (kept(clients) / score_id).exists()


@pytest.mark.parametrize(
    "files",
    [
        [("replay", ("x", b"x" * (LARGEST + 1)))],
        [("replay", ("x", b"x" * 4 * LARGEST))],
        [("other", ("x", b"x"))],
        [("replay", ("x", b"x")), ("replay", ("y", b"y"))],
        [("replay", ("x", b"x")), ("other", ("y", b"y"))],
    ],
)
def test_too_large_or_in_the_wrong_field(clients: Service, files: Any) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    answer = clients.client.post(
        URL, headers=clients.token(player), data={"identifier": score_id}, files=files
    )
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert not (kept(clients) / score_id).exists()


def test_a_replay_that_never_ends_is_not_heard_to_the_end(clients: Service) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="replay"; filename="f"\r\n\r\n'
        for _ in range(2000):
            sent += 1
            yield b"x" * 1024 * 1024

    headers = {
        **clients.token(next(PLAYERS)),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    with suppress(httpx.TransportError):  # The server may close the connection while we send.
        assert clients.client.post(URL, headers=headers, content=endless()).status_code == 400
    assert sent < 100


def test_only_for_scores_of_ones_own_in_this_game(clients: Service) -> None:
    mine, other = next(PLAYERS), next(PLAYERS)
    score_id = played(clients, mine)
    assert code(replay(clients, other, b"x", score_id)) == 44
    assert code(replay(clients, mine, b"x", f"T{'0' * 64}")) == 44
    sdvx = send(clients, "ir/barbatos", clients.token(mine)).json()["body"]["scoreIDs"][0]
    assert code(replay(clients, mine, b"x", sdvx)) == 44
    assert not (kept(clients) / score_id).exists()


@pytest.mark.parametrize(
    "trick",
    [
        "../{}",
        "{}/../{}",
        "/etc/passwd",
        "..",
        ".",
        "{}\x00.txt",
        "{}\n",
        " {}",
        "%2e%2e/{}",
        "..\\{}",
        "' OR '1' = '1",
        "x" * 5000,
        "\N{FULLWIDTH LATIN CAPITAL LETTER T}",
    ],
)
def test_names_that_would_lead_elsewhere(clients: Service, trick: str) -> None:
    player = next(PLAYERS)
    identifier = trick.replace("{}", played(clients, player))
    before = all_files(clients)
    assert code(replay(clients, player, b"x", identifier)) == 44
    assert all_files(clients) == before


def test_a_disk_that_fails_is_told(clients: Service) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    (kept(clients) / score_id).mkdir(parents=True)
    assert code(replay(clients, player, b"x", score_id)) == 50
    assert [path.name for path in kept(clients).iterdir() if score_id in path.name] == [score_id]


def test_replays_of_one_score_at_the_same_time(clients: Service) -> None:
    player = next(PLAYERS)
    score_id = played(clients, player)
    contents = [bytes([n]) * 500_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda c: replay(clients, player, c, score_id), contents))
    assert {code(answer) for answer in answers} == {20}
    assert (kept(clients) / score_id).read_bytes() in contents
    assert [path.name for path in kept(clients).iterdir() if score_id in path.name] == [score_id]
