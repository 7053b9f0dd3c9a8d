"""Addresses behind a proxy: what the headers of a trusted proxy say about the client and the address it used."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Proxies:
    """Takes ``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Port`` from trusted proxies, and from nobody else.

    uvicorn's middleware decides who is trusted and reads the first two; host and port are added here.

    Args:
        trusted: Addresses or networks, with commas between them, such as ``10.0.0.1, 172.16.0.0/12``.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self.app = app
        self._known = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        client = scope.get("client")
        if scope["type"] == "http" and client and client[0] in self._known.trusted_hosts:
            _take_host(scope)
        await self._known(scope, receive, send)  # type: ignore[arg-type]


def _take_host(scope: Scope) -> None:
    headers = Headers(scope=scope)
    named = headers.get("x-forwarded-host", "").rpartition(",")[2].strip()
    host, port = named or headers.get("host", ""), headers.get("x-forwarded-port", "").strip()
    if port.isdecimal() and ":" not in host.rpartition("]")[2]:
        usual = {"http": "80", "https": "443"}.get(headers.get("x-forwarded-proto", "http"))
        host = host if port == usual else f"{host}:{port}"
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
