"""Answers about callers without waiting for a busy store: remembered callers, and a store with little patience."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from tachi_data.errors import StoreError
from tachi_data.players.accounts import Caller
from tachi_data.players.tokens import hashed
from tachi_data.store import Store
from tachi_data.tables.opening import open_store

PATIENCE_S, BUSY_S = 0.25, 5.0
Answer = TypeVar("Answer")


class Memory:
    """The callers of the newest requests, by the stored hashes of their secrets.

    Args:
        most: Number of callers that are remembered.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._callers: OrderedDict[tuple[bool, str], Caller] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, secret: str, is_session: bool, caller: Caller | None) -> None:
        """Remember what the store said about a secret; forget the secret if it is not valid."""
        key = (is_session, hashed(secret))
        with self._lock:
            self._callers.pop(key, None)
            if caller is None or caller.is_banned:
                return
            self._callers[key] = caller
            if len(self._callers) > self._most:
                self._callers.popitem(last=False)

    def forget(self, key: tuple[bool, str]) -> None:
        """Forget the caller with this kind and hash of a secret."""
        with self._lock:
            self._callers.pop(key, None)

    def get(self, secret: str, is_session: bool) -> Caller | None:
        """Returns the caller with this secret; None where the secret is not remembered."""
        with self._lock:
            return self._callers.get((is_session, hashed(secret)))


class HastyStore:
    """The store for requests that do not wait long for it; opened at the first question.

    A question that is not answered in time leaves a thread behind that waits (see `tachi_data.store`). So a
    store that was busy is taken to be busy for some seconds, and then only one request tries.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Store | None = None
        self._busy_until: float | None = None
        self._lock = threading.Lock()

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        """Returns what the store answers.

        Raises:
            StoreError: The store is busy.
        """
        with self._lock:
            now = time.monotonic()
            if self._busy_until is not None:
                if now < self._busy_until:
                    raise StoreError(f"{self._url} is busy.")
                self._busy_until = now + BUSY_S
        try:
            if self._store is None:
                self._store = open_store(self._url, create=False, lock_timeout=PATIENCE_S)
            answer = question(self._store)
        except StoreError:
            self._busy_until = time.monotonic() + BUSY_S
            raise
        self._busy_until = None
        return answer
