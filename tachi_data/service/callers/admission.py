"""Who may import, also while the store is busy.

A player has one import at a time. Another one is refused at once, and not when the store has time to name
the caller: it may be busy with the very import that is in the way. So callers are remembered, and a remembered
caller is admitted as far as the player's turn. The store is asked about all callers of a set of imports at once,
before anything of it is done (`Claim`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Depends, Request, Security

from tachi_data.players.accounts import Caller
from tachi_data.service.callers.auth import (
    BEARER,
    NOBODY,
    caller_in,
    remembered,
    require,
)
from tachi_data.service.dependencies import limiter_of, memory_of, store_of
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.http.threads import run_waiting


@dataclass(frozen=True)
class Claim:
    """What a caller was remembered with: a kind and hash of a secret, and permissions."""

    key: tuple[bool, str]
    permissions: frozenset[str]

    def judge(self, found: Caller | None) -> None:
        """Refuse, by what the store says now of `key`.

        Raises:
            ApiError: 401 or 403, the caller may not any more.
        """
        if found is None:
            raise ApiError(401, "The token is not valid.", code="invalid_token")
        if found.is_banned:
            raise ApiError(403, "You are banned.", code="banned")
        if not self.permissions <= found.permissions:
            raise ApiError(403, "Your token has lost a permission; send the request once more.")


@dataclass(frozen=True)
class Admission:
    """A caller, by what the store says now, or (not ``is_certain``) by what it said earlier."""

    caller: Caller
    request: Request
    is_certain: bool = True

    @property
    def user_id(self) -> int:
        """The player whose scores these are. A token or session never changes its player."""
        return self.caller.user_id

    def confirm(self) -> Caller:
        """Returns the caller by what the store says now; waits for the store.

        Raises:
            ApiError: 401 or 403, the caller may not any more.
        """
        return self.caller if self.is_certain else _somebody(_asked(self.request))

    @property
    def claim(self) -> Claim | None:
        """What the store has to be asked about the caller before anything is done; None if they are certain."""
        return None if self.is_certain else Claim(self._key, self.caller.permissions)

    @property
    def _key(self) -> tuple[bool, str]:
        return self.caller.is_session, self.caller.secret_hash

    def forget(self) -> None:
        """Forget the caller, who was remembered and may not any more."""
        memory_of(self.request).forget(self._key)


async def admission_of(
    request: Request, _: Annotated[object, Security(BEARER)]
) -> Admission | None:
    """Returns the owner of the session or token of the request; None for a guest. See `caller_of`."""
    return _known(request) or await run_waiting(partial(certain, request))


def admission_in(request: Request) -> Admission | None:
    """Returns the same as `admission_of`, in a thread that may wait."""
    return _known(request) or certain(request)


def certain(request: Request) -> Admission | None:
    """Returns the caller by what the store says now, however long that takes; None for a guest."""
    found = _asked(request)
    return None if found is None else Admission(found, request)


def _known(request: Request) -> Admission | None:
    known = remembered(request)
    return None if known is None else Admission(known, request, is_certain=False)


def _asked(request: Request) -> Caller | None:
    return caller_in(store_of(request), request)


def _somebody(caller: Caller | None) -> Caller:
    if caller is None:
        raise ApiError(401, NOBODY)
    return caller


def admitted(
    permission: str | None = None,
) -> Callable[[Admission | None], Awaitable[Admission]]:
    """A dependency: somebody, and with this permission."""

    async def check(admission: Annotated[Admission | None, Depends(admission_of)]) -> Admission:
        if admission is None:
            raise ApiError(401, NOBODY)
        if permission is not None:
            require(admission.caller, permission)
        return admission

    return check


async def limited(
    request: Request, admission: Annotated[Admission, Depends(admitted("submit_score"))]
) -> Admission:
    """Returns a caller who may submit scores, and has not done so too often."""
    await run_waiting(partial(limiter_of(request).check_import, admission.user_id))
    return admission


Importer = Annotated[Admission, Depends(limited)]
Admitted = Annotated[Admission, Depends(admitted())]
