"""Callers and their permissions: sessions of browsers, and bearer tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from tachi_data.players.accounts import Caller, find_caller, find_user
from tachi_data.service.dependencies import address_of, limiter_of, memory_of, store_of
from tachi_data.service.http.envelope import ApiError
from tachi_data.service.http.threads import run_waiting
from tachi_data.store import Store

COOKIE = "tachi_session"
BEARER = HTTPBearer(auto_error=False, description="`tachi-data tokens create` makes one.")


async def caller_of(request: Request, _: Annotated[object, Security(BEARER)]) -> Caller | None:
    """Returns the owner of the session or token of the request; None for a guest, whom no store has to name.

    Raises:
        ApiError: 400 for another kind of authentication, 401 for a token that is not valid, 403 for a
            player who is banned.
    """
    if not request.cookies.get(COOKIE) and not request.headers.get("authorization"):
        return None
    return await run_waiting(partial(caller_in, store_of(request), request))


def caller_in(store: Store, request: Request) -> Caller | None:
    """Returns the caller, by what this store says about the session or token; None for a guest.

    Raises:
        ApiError: As of `caller_of`.
    """
    found = _session(store, request) or _token(store, request)
    if found is not None and found.is_banned:
        raise ApiError(403, "You are banned.", code="banned")
    return found


def remembered(request: Request) -> Caller | None:
    """Returns the caller as of an earlier request, without the store; their rights may have changed since.

    Raises:
        ApiError: 403, a page of another site sends a cookie.
    """
    memory = memory_of(request)
    cookie = request.cookies.get(COOKIE)
    if cookie:
        if found := memory.get(cookie, True):
            check_origin(request)
        return found
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return memory.get(secret, False) if kind == "Bearer" else None


def check_origin(request: Request) -> None:
    """Refuse a request that a page of another site makes with the cookie of this service.

    Raises:
        ApiError: 403, the request changes something and its ``Origin`` is not this service.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    here = {origin_of(address_of(request)), origin_of(str(request.base_url))}
    if request.headers.get("origin") not in here:
        text = f"With a cookie, this needs the header Origin: {address_of(request)[:200]}."
        raise ApiError(403, text, code="foreign_origin")


def origin_of(address: str) -> str:
    """Returns scheme, host and port of an address.

    >>> origin_of("https://tachi.example/scores/")
    'https://tachi.example'
    """
    try:
        parts = urlsplit(address)
    except ValueError:  # The header Host may be anything.
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _find(store: Store, request: Request, secret: str, *, is_session: bool) -> Caller | None:
    limiter_of(request).check_failures(request, secret)
    found = find_caller(store, secret, is_session=is_session)
    memory_of(request).note(secret, is_session, found)
    if found is None:
        limiter_of(request).count_failure(request, secret)
    return found


def _session(store: Store, request: Request) -> Caller | None:
    secret = request.cookies.get(COOKIE)
    found = _find(store, request, secret, is_session=True) if secret else None
    if found is not None:
        check_origin(request)
    return found


def _token(store: Store, request: Request) -> Caller | None:
    header = request.headers.get("authorization", "")
    if not header:
        return None
    kind, _, secret = header.partition(" ")
    if kind != "Bearer":
        raise ApiError(400, "The Authorization header must be of type Bearer.")
    if not secret:
        raise ApiError(401, "The token is empty.", code="invalid_token")
    found = _find(store, request, secret, is_session=False)
    if found is None:
        raise ApiError(401, "The token is not valid.", code="invalid_token")
    return found


MaybeCaller = Annotated[Caller | None, Depends(caller_of)]
NOBODY = "You need to be logged in, or a token, for this."


def require(caller: Caller, permission: str) -> None:
    """Refuse a token without this permission.

    Raises:
        ApiError: 403, the permission is missing.
    """
    if permission not in caller.permissions:
        raise ApiError(403, f"Your token lacks the permission {permission}.")


def permitted(permission: str | None = None) -> Callable[[Caller | None], Caller]:
    """Returns a dependency that wants a caller, and one with this permission."""

    def check(caller: MaybeCaller) -> Caller:
        if caller is None:
            raise ApiError(401, NOBODY)
        if permission is not None:
            require(caller, permission)
        return caller

    return check


AnyCaller = Annotated[Caller, Depends(permitted())]


def player_of(user: str, request: Request, caller: MaybeCaller) -> int:
    """Returns the player in a path: a number, a name, or ``me``.

    Raises:
        ApiError: 401, ``me`` is nobody; 404, there is no such player.
    """
    if user == "me":
        if caller is None:
            raise ApiError(401, NOBODY)
        return caller.user_id
    found = find_user(store_of(request), user)
    if found is None:
        raise ApiError(404, "There is no such user.")
    return found


Player = Annotated[int, Depends(player_of)]


def self_key(player: Player, caller: MaybeCaller) -> int:
    """Returns the player in the path, who has to be the one that is logged in; a token is not enough.

    Raises:
        ApiError: 401, nobody is logged in; 403, somebody else is.
    """
    if caller is None:
        raise ApiError(401, NOBODY)
    if not caller.is_session or caller.user_id != player:
        raise ApiError(403, "Only the player, logged in with a browser, may do this.")
    return player


Self = Annotated[int, Depends(self_key)]
