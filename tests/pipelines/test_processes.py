"""A Prefect server, the project's deployments, the HTTP service and a browser, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import ClassVar

import httpx
import pytest

import tachi_data as td
from tachi_data.players.tokens import create_token
from tests.service.chromium import browsing, free_port

pytestmark = [pytest.mark.flow, pytest.mark.slow]
RUN = "import sys; from pipelines.import_files import import_files; import_files(*sys.argv[1:])"
LEAVES = "[...document.querySelectorAll('*')].filter(e => e.children.length === 0)"


@contextmanager
def process(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()


def until(what: Callable[[], bool], log: Path, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if what():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A Prefect server: the address of its API, and the environment of processes that use it."""
    folder, port = tmp_path_factory.mktemp("prefect"), free_port()
    api = f"http://127.0.0.1:{port}/api"
    environment = {
        **os.environ,
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with process(command, folder / "server.log", environment):
        until(lambda: httpx.get(f"{api}/health").is_success, folder / "server.log")
        yield api, environment


def is_scheduled(api: str, flow: str) -> bool:
    """Whether the server has planned runs of the flow: its scheduler works."""
    wanted = {
        "flows": {"name": {"any_": [flow]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    return bool(httpx.post(f"{api}/flow_runs/filter", json=wanted).json())


def test_an_accepted_import_is_done_by_the_deployment(
    server: tuple[str, dict[str, str]], store: Path, tmp_path: Path, sample: Path
) -> None:
    api, port = server[0], free_port()
    environment = server[1] | {
        "TACHI_STORE": str(store),
        "TACHI_SPOOL": str(tmp_path / "spool"),
        "TACHI_INBOX": str(tmp_path / "inbox"),
        "TACHI_EXTERNAL_PROCESSING": "true",
        "TACHI_DEPLOYMENT": "process-accepted/accepted",
        "TACHI_BASE_URL": f"http://127.0.0.1:{port}",
    }
    with td.open_store(store) as opened:
        token = create_token(opened, 7)
    python = sys.executable
    logs = {name: tmp_path / f"{name}.log" for name in ("deployments", "service")}
    serve = [python, "-m", "tachi_data.cli", "serve", "--port", str(port)]
    with (
        process([python, "-m", "pipelines.schedules"], logs["deployments"], environment),
        process(serve, logs["service"], environment),
    ):
        base = f"http://127.0.0.1:{port}/api/v1"
        until(lambda: httpx.get(f"{base}/status").is_success, logs["service"])
        name = f"{api}/deployments/name/process-accepted/accepted"
        until(lambda: httpx.get(name).is_success, logs["deployments"])
        until(lambda: is_scheduled(api, "import-files"), logs["deployments"])
        content = (sample / "imports" / "batch-manual-sdvx-akari.json").read_bytes()
        answer = httpx.post(
            f"{base}/import/file",
            headers={"Authorization": f"Bearer {token}"},
            data={"importType": "file/batch-manual"},
            files={"scoreData": ("x.json", content)},
        )
        assert answer.status_code == 202, answer.text
        url = answer.json()["body"]["url"]

        def is_done() -> bool:
            body = httpx.get(url, timeout=30).json()["body"]
            assert body["importStatus"] in ("ongoing", "completed"), body
            return bool(body["importStatus"] == "completed")

        until(is_done, logs["deployments"])
    with td.open_store(store) as opened:
        (document,) = td.export_documents(opened, "imports", user_id=7)
    assert document["importID"] == answer.json()["body"]["importID"]
    assert document["scoreIDs"]


class Notices(BaseHTTPRequestHandler):
    """What the server sends, one JSON object per notice."""

    got: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_a_person_is_told_of_files_that_are_not_imported(
    server: tuple[str, dict[str, str]], store: Path, tmp_path: Path
) -> None:
    api, log = server[0], tmp_path / "deployments.log"
    environment = server[1] | {"TACHI_STORE": str(store), "TACHI_INBOX": str(tmp_path / "inbox")}
    (tmp_path / "inbox").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), Notices) as webhook:
        Thread(target=webhook.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{webhook.server_port}/"
        for _ in range(2):  # A second call changes the notices; it does not add others.
            command = [sys.executable, "-m", "pipelines.notifications", url]
            subprocess.run(command, env=environment, check=True, timeout=60)
        with process([sys.executable, "-m", "pipelines.schedules"], log, environment):
            name = f"{api}/deployments/name/import-files/inbox"
            until(lambda: httpx.get(name).is_success, log)
            deployment = httpx.get(name).json()["id"]
            loose = (tmp_path / "inbox" / f"loose-{n}.json" for n in count())

            def is_told() -> bool:
                """A new automation hears of events some time after it was made, and a file is told once."""
                next(loose).write_text("{}")
                httpx.post(f"{api}/deployments/{deployment}/create_flow_run", json={})
                with suppress(AssertionError):
                    until(lambda: bool(Notices.got), log, seconds=40)
                return bool(Notices.got)

            until(is_told, log)
        webhook.shutdown()
    notice = Notices.got[0]
    assert notice["text"] == notice["content"]
    assert notice["text"].startswith("import-files: 0 files: ")
    assert "misplaced file" in notice["text"]
    assert "(Attention)" in notice["text"]
    assert "loose-0.json: The file is in no player's folder." in notice["text"]


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium")
def test_an_operator_finds_a_refused_file_and_its_reason(
    server: tuple[str, dict[str, str]], store: Path, tmp_path: Path, sample: Path
) -> None:
    """A run and its artifact, as people see them."""
    inbox = tmp_path / "inbox" / "file" / "batch-manual" / "7"
    inbox.mkdir(parents=True)
    shutil.copy(sample / "imports" / "batch-manual-wacca-bento.json", inbox)
    (inbox / "broken.json").write_text("{}")
    flow = [sys.executable, "-c", RUN, store, tmp_path / "inbox"]
    subprocess.run(flow, env=server[1], check=True, timeout=120)
    url = server[0].removesuffix("/api")
    with browsing(f"{url}/runs", tmp_path / "profile") as page:
        page.resize(1100, 900)
        find = f"{LEAVES}.find(e => e.innerText?.startsWith('2 files: '))"
        page.until(f"{find} !== undefined")
        assert "1 refused file" in page.js(f"{find}.innerText")
        page.js(f"({find}.closest('a') ?? {find}).click()")
        page.until("location.pathname.includes('/flow-run/')")
        page.until("document.body.innerText.includes('Task Runs')")
        page.js(f"{LEAVES}.filter(e => e.innerText === 'Artifacts').forEach(e => e.click())")
        page.until("document.body.innerText.includes('import-refused')")
        page.screenshot(tmp_path / "run.png")
        page.js(f"{LEAVES}.find(e => e.innerText === 'import-refused').click()")
        page.until("document.body.innerText.includes('broken.json')")
        page.screenshot(tmp_path / "refused.png")
