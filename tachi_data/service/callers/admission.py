"""Who may import, also while the store is busy.

A player has one import at a time. Another one is refused at once, and not when the store has time to tell
who asks: it may be busy with the very import that is in the way. So callers are remembered. Where the store
does not answer soon, who is remembered is admitted as far as the player's turn, and there the store is
asked again (`Admission.confirm`) before anything is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Security

from tachi_data.errors import StoreError
from tachi_data.players.accounts import Caller
from tachi_data.service.callers.auth import (
    BEARER,
    NOBODY,
    caller_in,
    caller_of,
    remembered,
    require,
)
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.processing import Processor
from tachi_data.store import Store
from tachi_data.tables.opening import open_store

PATIENCE_S, BUSY_S = 0.25, 5.0
Answer = TypeVar("Answer")


class HastyStore:
    """The store for those who do not wait long for it; opened when it is first asked.

    Who gives up leaves a thread behind that waits (see `tachi_data.store`). So a store that was busy is
    taken to be so for a while, and then only one tries.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Store | None = None
        self._busy_until: float | None = None
        self._lock = threading.Lock()

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        """What the store says.

        Raises:
            StoreError: It is busy.
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


@dataclass(frozen=True)
class Admission:
    """Who asks, by what the store says, or (not ``is_certain``) by what it said earlier."""

    caller: Caller
    request: Request
    is_certain: bool = True

    @property
    def user_id(self) -> int:
        """Whose scores these are. It is always the same for a token or a session."""
        return self.caller.user_id

    def confirm(self) -> Caller:
        """Who asks, for certain; waits for the store.

        Raises:
            ApiError: 401 or 403, the caller may not any more.
        """
        return self.caller if self.is_certain else _somebody(caller_of(self.request, None))


def hasty_store_of(request: Request) -> HastyStore:
    """The hasty store of the application."""
    store: HastyStore = request.app.state.hasty_store
    return store


def admission_of(request: Request, _: Annotated[object, Security(BEARER)]) -> Admission | None:
    """Whose session or token comes with the request; None for a guest. See `caller_of`."""
    known = remembered(request)
    if known is None:
        return certain(request)
    processor: Processor = request.app.state.processor
    if processor.is_taken(known.user_id):
        return Admission(known, request, is_certain=False)
    try:
        found = hasty_store_of(request).ask(partial(caller_in, request=request))
    except StoreError:
        return Admission(known, request, is_certain=False)
    return None if found is None else Admission(found, request)


def certain(request: Request) -> Admission | None:
    """The same, from the store in any case."""
    found = caller_of(request, None)
    return None if found is None else Admission(found, request)


def _somebody(caller: Caller | None) -> Caller:
    if caller is None:
        raise ApiError(401, NOBODY)
    return caller


def admitted(permission: str | None = None) -> Callable[[Admission | None], Admission]:
    """A dependency: somebody, and with this permission."""

    def check(admission: Annotated[Admission | None, Depends(admission_of)]) -> Admission:
        if admission is None:
            raise ApiError(401, NOBODY)
        if permission is not None:
            require(admission.caller, permission)
        return admission

    return check


def limited(
    request: Request, admission: Annotated[Admission, Depends(admitted("submit_score"))]
) -> Admission:
    """Who may submit scores, and has not done so too often."""
    request.app.state.limiter.check_import(admission.user_id)
    return admission


Importer = Annotated[Admission, Depends(limited)]
Admitted = Annotated[Admission, Depends(admitted())]
