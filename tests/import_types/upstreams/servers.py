"""Real servers that stand in for other score services, on loopback and with a log of requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Reply:
    """An answer. ``cut`` sends only so many bytes of it; ``wait_s`` is how long it takes to come."""

    status: int = 200
    body: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    wait_s: float = 0


@dataclass
class Upstream:
    """A running server: ``answer`` decides, but ``script`` goes first, path by path."""

    url: str = ""
    answer: Callable[[Request], Reply] = lambda request: Reply(404)
    log: list[Request] = field(default_factory=list)
    script: dict[str, list[Reply]] = field(default_factory=dict)

    def paths(self) -> list[str]:
        return [f"{r.method} {r.path}" for r in self.log]

    def reply(self, request: Request) -> Reply:
        self.log.append(request)
        coming = self.script.get(request.path, [])
        return coming.pop(0) if coming else self.answer(request)


@contextmanager
def running(upstream: Upstream) -> Iterator[Upstream]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            form = parse_qs(self.rfile.read(length).decode())
            request = Request(
                self.command,
                parts.path,
                {k: v[0] for k, v in parse_qs(parts.query).items()},
                dict(self.headers),
                {k: v[0] for k, v in form.items()},
            )
            reply = upstream.reply(request)
            time.sleep(reply.wait_s)
            content = (json.dumps(reply.body) if reply.text is None else reply.text).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: reply.cut])

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    upstream.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
