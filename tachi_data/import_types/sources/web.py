"""Asking other services over HTTP: with time limits, size limits, and without following redirects.

Whatever answers is an `Ask`: `Web` for the network, or a function over recorded answers, whose shape is
``{"status": 200, "body": JSON}``, ``{"text": …}`` instead of a body, or ``{"networkError": true}``.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any

import httpx
import orjson

from tachi_data.errors import ImportFatal
from tachi_data.records import checked
from tachi_data.records.schema import Bool, Int, Kind, Object, Str

LARGEST_ANSWER = 64 * 1024 * 1024
# A service that asks to come back later is asked again, but not for ever.
MOST_TRIES, LONGEST_WAIT_S = 3, 30.0
LATER = (429, 503)


class Unreachable(Exception):
    """No answer came: no connection, a connection that broke, or one that took too long."""


@dataclass(frozen=True)
class Answer:
    """An answer of a service: ``value`` where the JSON is read already, else ``content``."""

    status: int
    content: bytes = b""
    value: Any = None

    @property
    def ok(self) -> bool:
        """Return whether the status means success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the JSON value.

        Raises:
            ValueError: The answer is no JSON.
        """
        return orjson.loads(self.content) if self.content else self.value

    @classmethod
    def recorded(cls, answer: Mapping[str, Any]) -> Answer:
        """Return an answer of a recording."""
        if answer.get("networkError"):
            raise Unreachable("recorded as such")
        status = answer.get("status", 200)
        if "text" in answer:
            return cls(status, str(answer["text"]).encode() or b" ")
        return cls(status, value=answer.get("body"))

    def recording(self) -> dict[str, Any]:
        """Return the answer as it is recorded."""
        try:
            return {"status": self.status, "body": self.json()}
        except ValueError:
            return {"status": self.status, "text": self.content.decode("utf-8", "replace")}


@dataclass(frozen=True)
class Request:
    """A request to a service; ``form`` is sent as the body."""

    method: str
    url: str
    headers: Mapping[str, str] | None = None
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)


# Sends a request and gives the answer; raises `Unreachable` where none came.
Ask = Callable[[Request], Answer]


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted. To read them takes 20 to 40 ms of processor time."""
    return httpx.create_ssl_context()


class Web:
    """The network. ``timeout_s`` is for one whole answer, waiting for it and reading it."""

    def __init__(self, timeout_s: float = 60) -> None:
        self.timeout_s = timeout_s
        self._client = httpx.Client(
            verify=_trusted(),
            timeout=timeout_s,
            follow_redirects=False,
            headers={"User-Agent": "tachi_data"},
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        self._client.close()

    def __call__(self, request: Request) -> Answer:
        """See `Ask`."""
        sent = self._client.build_request(
            request.method,
            request.url,
            headers=request.headers,
            params=request.params,
            data=dict(request.form) if request.form else None,
        )
        answer, wait_s = self._send(sent)
        for _ in range(MOST_TRIES - 1):
            if wait_s is None or wait_s > LONGEST_WAIT_S:
                break
            time.sleep(wait_s)
            answer, wait_s = self._send(sent)
        return answer

    def _send(self, request: httpx.Request) -> tuple[Answer, float | None]:
        """Return the answer, and the seconds to wait before the next try where the service names them."""
        deadline = time.monotonic() + self.timeout_s
        content = bytearray()
        try:
            response = self._client.send(request, stream=True)
            try:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST_ANSWER:
                        raise Unreachable(f"the answer is larger than {LARGEST_ANSWER:,} bytes")
                    if time.monotonic() > deadline:
                        raise Unreachable(f"the answer took longer than {self.timeout_s:g} s")
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(_reason(error)) from None
        later = response.headers.get("retry-after", "") if response.status_code in LATER else ""
        return Answer(response.status_code, bytes(content) or b" "), (
            float(later) if later.isdecimal() else None
        )


def _reason(error: Exception) -> str:
    """Return the reason of a failure, without the URL, which may hold a secret."""
    words = {
        httpx.ConnectError: "no connection",
        httpx.TimeoutException: "it took too long",
        httpx.RemoteProtocolError: "the connection broke",
    }
    return next((w for kind, w in words.items() if isinstance(error, kind)), type(error).__name__)


ANSWER = Object(
    members={
        "status": Int(100, 599, optional=True),
        "text": Str(optional=True),
        "networkError": Bool(optional=True),
    },
    optional=True,
)


def recording_of(source: Any, **members: Kind) -> dict[str, Any]:
    """Return the recorded answers of an import, which has these members.

    Raises:
        ImportFatal: 400, they are none; 401, they say that the player has not linked the service.
    """
    recording = checked(source, Object(members={"noAuth": Bool(optional=True), **members}))
    if recording.get("noAuth"):
        raise ImportFatal(401, "This service is not linked.")
    return recording
