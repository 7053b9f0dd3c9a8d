"""The outermost layer: log lines, headers for other origins, the limit per client, deadline and sum of bodies.

Starlette's CORSMiddleware is not used: it adds its headers only to requests with an ``Origin``, and answers a preflight
with a text and, for other headers or methods, with 400. The original adds them to every answer, and answers every
``OPTIONS`` with 200 and no content.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tachi_data.errors import UNEXPECTED
from tachi_data.service.http.envelope import ApiError, failure
from tachi_data.service.http.limits import Limiter

log = logging.getLogger("tachi_data.service.access")
LIMITED, UNLIMITED = ("/api/v1/", "/ir/"), ("/api/v1/auth/",)
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, X-User-Intent, Authorization",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS",
}
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


# So many bytes of each body are not counted, so that large uploads refuse no plays of game clients.
SMALL = 64 * 1024
RETRY_AFTER_S = 5


class Edge:
    """The outermost layer of the application.

    Args:
        app: The layer below.
        limiter: Counts the requests of clients.
        body_timeout_s: Seconds that a client has to send a body.
        bodies_at_once: Bytes of all bodies whose requests are not answered yet.
    """

    def __init__(
        self, app: ASGIApp, limiter: Limiter, body_timeout_s: float, bodies_at_once: int
    ) -> None:
        self.app, self.limiter, self.body_timeout_s = app, limiter, body_timeout_s
        self.held = Held(bodies_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = CROSS_ORIGIN | SAFE
        answer: Response | None = None
        if scope["method"] == "OPTIONS":
            answer = Response(status_code=200)
        elif scope["path"].startswith(LIMITED) and not scope["path"].startswith(UNLIMITED):
            try:
                headers |= self.limiter.check_request(Request(scope))
            except ApiError as refused:
                answer = failure(refused)
        body = _Body(receive, self.body_timeout_s, self.held)
        try:
            await _Logged(answer or self.app, headers)(scope, body.receive, send)
        finally:
            body.release()


@dataclass
class Held:
    """The bytes of all bodies whose requests are not answered yet, and how many there may be."""

    most: int
    now: int = 0


class _Body:
    """The body of a request, which has to be there in time. Only the time of waiting for the client counts."""

    def __init__(self, receive: Receive, seconds: float, held: Held) -> None:
        self._receive, self._left, self._is_whole = receive, seconds, False
        self._held, self._mine = held, 0

    async def receive(self) -> Message:
        """Returns the next part of the body, and after it that the client has gone.

        Raises:
            ApiError: 408, the body took too long; 503, there are too many bytes of other requests.
        """
        if self._is_whole:
            return await self._receive()
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                message = await self._receive()
        except TimeoutError:
            text = "The body of the request took too long."
            raise ApiError(408, text, code="timeout", headers={"Connection": "close"}) from None
        self._left = max(0.001, self._left - (time.monotonic() - started))
        self._is_whole = not message.get("more_body", False)
        self._hold(len(message.get("body", b"")))
        return message

    def _hold(self, size: int) -> None:
        """Count bytes that were received, but for the first ones."""
        before = max(0, self._mine - SMALL)
        self._mine += size
        more = max(0, self._mine - SMALL) - before
        if more and self._held.now + more > self._held.most:
            self._mine -= size
            text = f"Too many large files are being sent; try again in {RETRY_AFTER_S} seconds."
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise ApiError(503, text, code="overloaded", headers=headers)
        self._held.now += more

    def release(self) -> None:
        """Count the bytes no more: the request is answered."""
        self._held.now -= max(0, self._mine - SMALL)
        self._mine = 0


class _Logged:
    """Adds headers to the answer, and logs how it went."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, seen = time.perf_counter(), {"status": 0}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                _add(message, self.headers)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception:
            log.exception("an unexpected error at %s", scope["path"][:300])
            if seen["status"]:
                raise
            await failure(ApiError(500, UNEXPECTED))(scope, receive, sending)
        finally:
            log.info("request", extra=_facts(scope, seen["status"], time.perf_counter() - started))


def _add(message: MutableMapping[str, Any], headers: dict[str, str]) -> None:
    present = MutableHeaders(scope=message)
    for name, value in headers.items():
        present.setdefault(name, value)


def _facts(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    agent = Headers(scope=scope).get("user-agent", "")
    return {
        "method": scope["method"],
        "path": scope["path"][:300],
        "status": status,
        "ms": round(seconds * 1000, 1),
        "client": scope["client"][0] if scope["client"] else None,
        "agent": agent[:100],
    }
