"""Asking other services over HTTP: with time limits, size limits, and without following redirects.

A service may do its worst: sizes are counted while an answer is unpacked, which may be packed once; and the time is
that of the whole exchange, however the service deals its bytes out.

Whatever answers is an `Ask`: `Web` for the network, or a function over recorded answers, whose shape is
``{"status": 200, "body": JSON}``, ``{"text": …}`` instead of a body, or ``{"networkError": true}``.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any

import httpx
import orjson

from tachi_data.errors import ImportFatal
from tachi_data.records import checked
from tachi_data.records.schema import Bool, Int, Kind, Object, Str

# Of one answer, and of all those of one import, unpacked.
LARGEST_ANSWER, LARGEST_SUM = 64 * 1024 * 1024, 256 * 1024 * 1024
# The parameter of zlib that stands for gzip.
GZIP = 16 + zlib.MAX_WBITS
# A service that asks to come back later is asked again, but not for ever.
MOST_TRIES, LONGEST_WAIT_S = 3, 30.0
LATER = (429, 503)
LATE = "it took too long"


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
    """The network, for one import. ``timeout_s`` is for one whole answer, waiting for it and reading it."""

    def __init__(self, timeout_s: float = 60) -> None:
        self.timeout_s = timeout_s
        self._left = LARGEST_SUM
        self._connections: list[socket.socket] = []
        self._is_late = threading.Event()
        self._client = httpx.Client(
            verify=_trusted(),
            timeout=timeout_s,
            follow_redirects=False,
            headers={"User-Agent": "tachi_data", "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        self._client.close()
        for connection in self._connections:
            connection.close()

    def __call__(self, request: Request) -> Answer:
        """See `Ask`."""
        sent = self._client.build_request(
            request.method,
            request.url,
            headers=request.headers,
            params=request.params,
            data=dict(request.form) if request.form else None,
            extensions={"trace": self._noted},
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
        # A time limit of httpx is for each read, and a service may send a byte at a time.
        alarm = threading.Timer(self.timeout_s, self._hang_up)
        alarm.daemon = True
        self._is_late.clear()
        alarm.start()
        try:
            response = self._client.send(request, stream=True)
            try:
                content = self._unpacked(response)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise Unreachable(LATE if self._is_late.is_set() else _reason(error)) from None
        finally:
            alarm.cancel()
            alarm.join()
        if self._is_late.is_set():  # An answer without a length ends where it was broken off.
            raise Unreachable(LATE)
        later = response.headers.get("retry-after", "") if response.status_code in LATER else ""
        return Answer(response.status_code, content or b" "), (
            float(later) if later.isdecimal() else None
        )

    def _unpacked(self, response: httpx.Response) -> bytes:
        """Return the content of an answer; no more is unpacked than may be there."""
        packing = response.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip"):
            raise Unreachable(
                f"the answer is packed in a way that was not asked for: {packing:.50}"
            )
        unpack = zlib.decompressobj(GZIP).decompress if packing == "gzip" else _cut
        content, most = bytearray(), min(LARGEST_ANSWER, self._left)
        for chunk in response.iter_raw():
            content += unpack(chunk, most + 1 - len(content))
            if len(content) > most:
                whole = "answer is" if most == LARGEST_ANSWER else "answers of this import are"
                limit = LARGEST_ANSWER if most == LARGEST_ANSWER else LARGEST_SUM
                raise Unreachable(f"the {whole} larger than {limit:,} bytes")
        self._left -= len(content)
        return bytes(content)

    def _noted(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep a hold of each connection (see https://www.encode.io/httpcore/extensions/#trace)."""
        if event == "connection.connect_tcp.complete":
            self._connections.append(info["return_value"].get_extra_info("socket").dup())
            if self._is_late.is_set():
                self._hang_up()

    def _hang_up(self) -> None:
        """Break the exchange off: whatever waits for the service wakes up."""
        self._is_late.set()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _cut(chunk: bytes, most: int) -> bytes:
    return chunk[:most]


def _reason(error: Exception) -> str:
    """Return the reason of a failure, without the URL, which may hold a secret."""
    words = {
        httpx.ConnectError: "no connection",
        httpx.TimeoutException: LATE,
        httpx.RemoteProtocolError: "the connection broke",
        zlib.error: "the answer cannot be unpacked",
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
