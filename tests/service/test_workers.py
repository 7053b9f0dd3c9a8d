"""Several processes that answer, and one centre that they ask: no rule is weaker than with one process."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import tachi_data as td
from tests.importing.world import CATALOGUE, job, score
from tests.service.servers import Service, serving
from tests.service.test_hostile import long_import, until

WORKERS = 2
ONE, NONE = job(score()).source, job().source


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("workers")
    with serving(folder, workers=WORKERS, imports_per_minute="10000") as running:
        td.patch_catalogue(running.store, CATALOGUE)
        yield running


def answering(service: Service) -> set[int]:
    """The processes that have started to answer."""
    started = (line for line in service.log_lines() if "Started server process" in line["message"])
    found = {int(line["message"].partition("[")[2].rstrip("]")) for line in started}
    return {process for process in found if Path(f"/proc/{process}/cmdline").exists()}


def upload(service: Service, content: bytes, player: dict[str, str]) -> httpx.Response:
    """An upload by a connection of its own, which any of the processes may get."""
    with httpx.Client(base_url=service.address, timeout=60) as client:
        return client.post(
            "/api/v1/import/file",
            headers=player,
            data={"importType": "file/batch-manual"},
            files={"scoreData": ("x.json", content)},
        )


def is_taken(service: Service, player: dict[str, str]) -> bool:
    """Whether an import of the player is done at the moment; false while nobody answers."""
    try:
        return upload(service, NONE, player).status_code == 200
    except httpx.TransportError:
        return False


def test_imports_through_all_of_them_are_done_once(service: Service) -> None:
    players = {n: service.token(n) for n in range(100, 116)}
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda p: upload(service, ONE, p), players.values()))
    assert [a.status_code for a in answers] == [200] * 16
    imports = [a.json()["body"]["importID"] for a in answers]
    stored = service.store.query(
        "SELECT import_id FROM imports WHERE list_contains($ids, import_id)", {"ids": imports}
    )
    assert sorted(stored["import_id"].to_list()) == sorted(imports)
    until(lambda: len(answering(service)) == WORKERS)


def test_a_player_has_one_import_whichever_process_is_asked(service: Service) -> None:
    player = service.token(200)
    with ThreadPoolExecutor(7) as clients:
        first = clients.submit(upload, service, long_import(ONE), player)
        until(lambda: service.spooled)
        refused = list(clients.map(lambda _: upload(service, NONE, player), range(6)))
        assert not first.done()
        assert first.result().status_code == 200
    assert {a.json().get("code") for a in refused} == {"import_ongoing"}


def test_wrong_tokens_are_counted_for_all_processes(service: Service) -> None:
    wrong = {"Authorization": f"Bearer {'0' * 64}"}
    answers = [upload(service, b"", wrong).status_code for _ in range(80)]
    assert set(answers) == {401, 429}
    assert upload(service, NONE, service.token(400)).status_code == 200


def test_a_process_that_is_killed_comes_back_and_frees_its_players(service: Service) -> None:
    player = service.token(500)
    before = answering(service)
    with ThreadPoolExecutor(1) as other:
        lost = other.submit(upload, service, long_import(ONE), player)
        until(lambda: service.spooled)
        for process in before:
            os.kill(process, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            lost.result()
    until(lambda: is_taken(service, player))
    until(lambda: len(answering(service) - before) == WORKERS)


def test_imports_are_counted_for_all_processes_and_all_end_together(tmp_path: Path) -> None:
    with serving(tmp_path, workers=WORKERS, imports_per_minute="6") as service:
        player, minute = service.token(300), time.time() // 60
        answers = Counter(upload(service, NONE, player).status_code for _ in range(12))
        if time.time() // 60 == minute:
            assert answers == {200: 6, 429: 6}
        children = answering(service)
        service.process.kill()
        until(lambda: not answering(service) & children)
