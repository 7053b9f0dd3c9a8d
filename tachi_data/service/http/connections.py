"""Connections that do not wait for ever: a deadline for the head of a request, and limits of their number.

uvicorn has no such deadline, and refuses new connections where there are too many; so half a request on each of many
connections would keep all others out. Here the connection that has waited longest for its client is closed instead.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from contextlib import suppress
from typing import Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from tachi_data.service.settings import Settings

BACKLOG = 128
# Files that are open beside connections: the store, uploads, logs.
OTHER_FILES = 100


async def nothing(*_: object) -> None:
    """An application that is never asked; uvicorn's middleware wants one."""


class Connections:
    """All connections of a server, in the order in which they began to wait for a request.

    Args:
        most: Number of connections that may be open.
        most_of_client: Number of connections of one address; trusted proxies may have more.
        head_s: Seconds from the start of a connection, or the end of an answer, to the end of the next head.
        trusted: Addresses or networks of proxies.
    """

    def __init__(self, most: int, most_of_client: int, head_s: float, trusted: str = "") -> None:
        self.most, self.most_of_client, self.head_s = most, most_of_client, head_s
        self.waiting: dict[Connection, None] = {}
        self._count: Counter[str] = Counter()
        self._trusted = ProxyHeadersMiddleware(nothing, trusted).trusted_hosts

    def opened(self, connection: Connection) -> None:
        """Count a connection; close another one, or it, where there are too many."""
        address = connection.address
        self._count[address] += 1
        if self._count[address] > self.most_of_client and address not in self._trusted:
            connection.transport.abort()
        elif self._count.total() > self.most:
            next(iter(self.waiting), connection).transport.abort()

    def closed(self, connection: Connection) -> None:
        """Stop counting a connection."""
        self.waiting.pop(connection, None)
        self._count[connection.address] -= 1
        if not self._count[connection.address]:
            del self._count[connection.address]


class Connection(H11Protocol):
    """One connection. It waits for its client unless a request is being answered."""

    def __init__(self, *args: Any, all_of: Connections, **named: Any) -> None:
        super().__init__(*args, **named)
        self._all, self.address = all_of, ""
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._all.opened(self)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Handle what the client sends."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        self._all.closed(self)
        super().connection_lost(exc)

    def _look(self) -> None:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        is_answering = cycle is not None and not cycle.response_complete
        if is_answering or self.transport.is_closing():
            self._stop_waiting()
        elif self._deadline is None:
            self._all.waiting[self] = None
            self._deadline = self.loop.call_later(self._all.head_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        self._all.waiting.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Protocol:
    """Makes the connections of a server with these settings, as uvicorn's option ``http``.

    What all connections share is made at the first one, in the process that serves it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._all: Connections | None = None

    def __call__(self, *args: Any, **named: Any) -> Connection:
        """Make the connection of a new client."""
        if self._all is None:
            settings = self._settings
            most = min(settings.connections, open_files() - BACKLOG - OTHER_FILES)
            self._all = Connections(
                max(16, most),
                settings.connections_per_client,
                settings.header_timeout_s,
                settings.trusted_proxies,
            )
        return Connection(*args, all_of=self._all, **named)


def open_files() -> int:
    """Returns how many files this process may open, after it has asked the system for as many as it gets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 4096) if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
