"""Who asks, and what they may do: bearer tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from tachi_data.api._envelope import ApiError
from tachi_data.store import Store
from tachi_data.tokens import Token, find_token


def store_of(request: Request) -> Store:
    """The store of the application."""
    store: Store = request.app.state.store
    return store


def token_of(request: Request) -> Token | None:
    """The token of the request; None for a guest.

    Raises:
        ApiError: 400 for another kind of authentication, 401 for a token that is not valid.
    """
    header = request.headers.get("authorization", "")
    if not header:
        return None
    kind, _, secret = header.partition(" ")
    if kind != "Bearer":
        raise ApiError(400, "The Authorization header must be of type Bearer.")
    if not secret:
        raise ApiError(401, "The token is empty.")
    limiter = request.app.state.limiter
    limiter.check_failures(request)
    found = find_token(store_of(request), secret)
    if found is None:
        limiter.count_failure(request)
        raise ApiError(401, "The token is not valid.", code="invalid_token")
    return found


MaybeToken = Annotated[Token | None, Depends(token_of)]


def permitted(permission: str | None = None) -> Callable[[Token | None], Token]:
    """A dependency: somebody with a valid token, and with this permission."""

    def check(token: MaybeToken) -> Token:
        if token is None:
            raise ApiError(401, "You need a token for this.")
        if permission is not None and permission not in token.permissions:
            raise ApiError(403, f"Your token lacks the permission {permission}.")
        return token

    return check
