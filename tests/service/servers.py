"""Real servers of these tests: `tachi-data serve` as a process, on loopback and with a store of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import tachi_data as td
from tachi_data.backlog.spool import IMPORT_ID
from tachi_data.players.accounts import change_account, log_in, login_code
from tachi_data.players.tokens import create_token
from tests.stores import open_new

EMPTY = b'{"meta": {"game": "iidx", "playtype": "SP", "service": "foo"}, "scores": []}'


@dataclass
class Service:
    """A running server with its store and a client."""

    store: td.Store
    client: httpx.Client
    folder: Path
    environment: dict[str, str]
    workers: int = 1
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def spooled(self) -> list[str]:
        """The IDs of the imports in the spool folder; of a set that is being done the first one."""
        found = (*self.spool.glob("*"), *self.spool.glob("noted/*"))
        return [path.name for path in found if IMPORT_ID.fullmatch(path.name)]

    @property
    def address(self) -> str:
        return str(self.client.base_url).rstrip("/")

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def start(self) -> None:
        port = str(self.client.base_url.port)
        command = [sys.executable, "-m", "tachi_data.cli", "serve", "--port", port]
        command += ["--workers", str(self.workers)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        for _ in range(300):
            try:
                self.client.get("/docs")
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self.log
                time.sleep(0.1)
        raise AssertionError(self.log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def token(
        self, user_id: int = 1, *permissions: str, expires_in_s: float | None = None
    ) -> dict[str, str]:
        """Headers with a new token."""
        wanted = permissions or ("submit_score", "delete_score")
        token = create_token(self.store, user_id, wanted, expires_in_s=expires_in_s)
        return {"Authorization": f"Bearer {token}"}

    def cookie(self, user_id: int, *, level: str | None = None) -> dict[str, str]:
        """Headers of a browser that is logged in."""
        change_account(self.store, user_id, level=level)
        secret = log_in(self.store, login_code(self.store, user_id))
        return {"Cookie": f"tachi_session={secret}", "Origin": self.address}

    def upload(self, content: bytes, headers: dict[str, str], **fields: Any) -> httpx.Response:
        data = {"importType": "file/batch-manual", **fields}
        files = {"scoreData": ("x.json", content)}
        return self.client.post("/api/v1/import/file", headers=headers, data=data, files=files)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """The body of a successful answer."""
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return answer.json()["body"]

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]


@contextmanager
def serving(
    folder: Path, catalogue: Path | None = None, *, workers: int = 1, **settings: str
) -> Iterator[Service]:
    """A server with these settings (`tachi_data.service.Settings`, or whole names in upper case)."""
    folder.mkdir(exist_ok=True)
    path = folder / "store.duckdb"
    store = open_new(path, catalogue)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"TACHI_{name.upper()}": str(folder / name) for name in ("spool", "files")}
    environment = {**os.environ, "TACHI_STORE": str(path), **folders}
    environment |= {n if n.isupper() else f"TACHI_{n.upper()}": v for n, v in settings.items()}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    service = Service(store, client, folder, environment, workers)
    try:
        service.start()
        yield service
    finally:
        client.close()
        service.stop()
        store.close()
