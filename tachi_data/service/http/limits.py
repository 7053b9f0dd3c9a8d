"""Rate limits: requests per client, imports per player and wrong secrets, in a fixed window of a minute.

The library ``limits`` would count, which is ten of these lines; headers, refusals and the rule for wrong secrets would
stay. So it is not used.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from fastapi import Request

from tachi_data.players.tokens import hashed
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.settings import Settings

WINDOW_S = 60
FAILURES = 30


class Counts:
    """Counts by kind and key within a minute; what was counted in earlier ones is forgotten."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._window = 0
        self._lock = threading.Lock()

    def count(self, kind: str, key: str, step: int = 1) -> int:
        """Add to a count; returns it."""
        window = int(time.time() // WINDOW_S)
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            count = self._counts.get((kind, key), 0) + step
            if step:
                self._counts[kind, key] = count
            return count


class Limiter:
    """Refuses what comes too often.

    Args:
        settings: The limits.
        count: Counts imports and wrong secrets, for all processes of the service: see `Counts.count`. Requests are
            counted by each process, since asking another one for each would cost more than most requests do.
    """

    def __init__(self, settings: Settings, count: Callable[[str, str, int], int]) -> None:
        self.settings = settings
        self._count = count
        self._requests = Counts()

    def _refuse(self, limit: int) -> ApiError:
        headers = _headers(limit, 0)
        wait = headers["Retry-After"] = str(_left())
        text = f"Too many requests; try again in {wait} seconds."
        return ApiError(
            429, text, code="rate_limited", headers=headers, extra={"status": 429, "message": text}
        )

    def check_request(self, request: Request) -> dict[str, str]:
        """Count a request of a client; returns headers that say how many are left.

        Raises:
            ApiError: 429, there were too many.
        """
        count, limit = self._requests.count, self.settings.requests_per_minute
        return self._check(count, "request", _client(request), limit)

    def check_import(self, user_id: int) -> None:
        """Count an import that a player asks for.

        Raises:
            ApiError: 429, there were too many.
        """
        self._check(self._count, "import", str(user_id), self.settings.imports_per_minute)

    def _check(
        self, count: Callable[[str, str, int], int], kind: str, key: str, limit: int
    ) -> dict[str, str]:
        if not self.settings.rate_limits:
            return {}
        counted = count(kind, key, 1)
        if counted > limit:
            raise self._refuse(limit)
        return _headers(limit, limit - counted)

    def check_failures(self, request: Request, secret: str) -> None:
        """Refuse a secret that was wrong too often, from the same client in this minute, without a look-up.

        A valid secret was never wrong, so it is never refused, whatever else comes from its client.

        Raises:
            ApiError: 429, it was wrong too often.
        """
        self._refuse_after("wrong secret", f"{_client(request)} {hashed(secret)}", 0)

    def count_failure(self, request: Request, secret: str) -> None:
        """Count a wrong secret, for itself and for the client.

        Raises:
            ApiError: 429, the client has sent too many wrong secrets.
        """
        client = _client(request)
        self._count("wrong secret", f"{client} {hashed(secret)}", 1)
        self._refuse_after("failure", client, 1)

    def _refuse_after(self, kind: str, key: str, step: int) -> None:
        if self.settings.rate_limits and self._count(kind, key, step) >= FAILURES + step:
            raise self._refuse(FAILURES)


def _left() -> int:
    """Returns the seconds until the window ends."""
    return max(1, math.ceil(WINDOW_S - time.time() % WINDOW_S))


def _headers(limit: int, remaining: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(int(time.time()) + _left()),
    }


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"
