"""Routes of a player's own things: log-in, tokens, links to other services, settings of game clients.

Each of them needs a browser that is logged in; a token is enough for time stops alone.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.errors import TachiError
from tachi_data.players import accounts, client_settings, integrations, time_stops, tokens
from tachi_data.service.callers.auth import (
    COOKIE,
    NOBODY,
    MaybeCaller,
    Player,
    Self,
    check_origin,
)
from tachi_data.service.dependencies import AppSettings, OpenStore, address_of, limiter_of
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers
from tachi_data.service.http.uploads import Body
from tachi_data.service.models import (
    AccessCode,
    Card,
    Code,
    Document,
    Linked,
    LoggedIn,
    Nothing,
    TimeStop,
    TimeStops,
    TimeStopType,
    Token,
    WantedToken,
)
from tachi_data.service.settings import Settings
from tachi_data.store import Store


def router(settings: Settings) -> APIRouter:
    """Returns the routes that a service of this flavour has."""
    made = APIRouter(prefix="/api/v1")
    made.include_router(logins)
    made.include_router(keys)
    made.include_router(cards)
    made.include_router(stops)
    if settings.flavour != "boku":
        made.include_router(kamai)
    return made


# --- logging in -----------------------------------------------------------------------------------

logins = APIRouter(prefix="/auth", tags=["logging in"])


@logins.post(
    "/login",
    **answers(LoggedIn, request=Code),
)
async def log_in(request: Request, store: OpenStore, body: Body) -> Response:
    """Log a browser in with the code that `tachi-data accounts login` made."""
    limiter, code = limiter_of(request), body.get("code")
    if not isinstance(code, str):
        raise ApiError(400, "code: expected text.")
    limiter.check_failures(request, code)
    secret = await run_in_threadpool(accounts.log_in, store, code)
    if secret is None:
        limiter.count_failure(request, code)
        raise ApiError(401, "The code is not valid.", code="invalid_code")
    caller = await run_in_threadpool(accounts.find_caller, store, secret, is_session=True)
    answer = success("Logged in.", {"userID": caller.user_id if caller else None})
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=accounts.SESSION_S,
        secure=address_of(request).startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer


@logins.post("/logout", **answers(Nothing))
def log_out(request: Request, store: OpenStore) -> Response:
    """End the session of this browser."""
    if secret := request.cookies.get(COOKIE):
        check_origin(request)
        accounts.log_out(store, secret)
    answer = success("Logged out.", {})
    answer.delete_cookie(COOKIE)
    return answer


# --- tokens ---------------------------------------------------------------------------------------

keys = APIRouter(prefix="/users/{user}/api-tokens", tags=["tokens"])


def _token(row: dict[str, Any], token: str) -> dict[str, Any]:
    return {
        "userID": row["user_id"],
        "token": token,
        "identifier": row["identifier"],
        "permissions": dict.fromkeys(row["permissions"], True),
        "fromAPIClient": None,
    }


@keys.get("", **answers(list[Token]))
def list_tokens(store: OpenStore, player: Self) -> Response:
    """The player's tokens. Their secrets are not stored, so ``token`` is an ID that revokes them."""
    rows = tokens.list_tokens(store, player).iter_rows(named=True)
    return success("Found tokens.", [_token(row, row["token_id"]) for row in rows])


@keys.post("/create", **answers(Token, request=WantedToken))
def create_token(store: OpenStore, settings: AppSettings, player: Self, body: Body) -> Response:
    """Make a token; this is the only time that it is shown."""
    if ("permissions" in body) == ("clientID" in body):
        raise ApiError(400, "permissions: expected either them or a clientID.")
    if "clientID" in body:
        raise ApiError(404, "There is no such client.")
    wanted, name = body["permissions"], body.get("identifier", "Custom Token")
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(tokens.PERMISSIONS):
        raise ApiError(400, f"permissions: expected some of {', '.join(tokens.PERMISSIONS)}.")
    if not isinstance(name, str) or len(name) > tokens.MOST_IDENTIFIER:
        most = tokens.MOST_IDENTIFIER
        raise ApiError(400, f"identifier: expected text of at most {most} characters.")
    most = settings.tokens_per_player
    try:
        token = tokens.create_token(store, player, set(wanted), identifier=name, most=most)
    except tokens.TooManyTokens as error:
        raise ApiError(409, str(error)) from None
    row = {"user_id": player, "identifier": name, "permissions": sorted(set(wanted))}
    return success("Made the token.", _token(row, token))


@keys.delete("/{token}", **answers(Nothing))
def revoke_token(token: str, store: OpenStore, player: Self) -> Response:
    """Make a token invalid, given itself or its ID."""
    if not tokens.revoke_token(store, token, player):
        raise ApiError(404, "There is no such token.")
    return success("Revoked the token.", {})


# --- links to other services ----------------------------------------------------------------------

cards = APIRouter(prefix="/users/{user}/integrations/cg", tags=["integrations"])
kamai = APIRouter(prefix="/users/{user}/integrations", tags=["integrations"])


def _is_linked(store: Store, player: int, service: str) -> bool:
    links = integrations.links(store, player)
    return not links.filter(pl.col("service") == service).is_empty()


def _link(store: Store, player: int, service: str, credentials: dict[str, Any]) -> Response:
    try:
        integrations.check(service, credentials)
    except TachiError as error:
        raise ApiError(400, str(error)) from None
    integrations.link(store, player, service, credentials)
    return success("Stored the card.", {})


def _card_service(network: str) -> str:
    """The service of a network in the path."""
    service = f"cg/{network}"
    if service not in integrations.services():
        raise ApiError(404, "There is no such service.")
    return service


CardService = Annotated[str, Depends(_card_service)]


@cards.get("/{network}", **answers(Document | None))
def get_card(service: CardService, store: OpenStore, player: Self) -> Response:
    """The player's card; whether there is a PIN, but not the PIN."""
    found = integrations.credentials_of(store, player, service)
    if found is None:
        return success("There is no card.", None)
    body = {"userID": player, "service": service.removeprefix("cg/"), "cardID": found["cardID"]}
    return success("Found the card.", body | {"hasPin": True})


@cards.put("/{network}", **answers(Nothing, request=Card))
def put_card(service: CardService, store: OpenStore, player: Self, body: Body) -> Response:
    """Set the player's card."""
    return _link(store, player, service, body)


@cards.delete("/{network}", **answers(Nothing))
def delete_card(service: CardService, store: OpenStore, player: Self) -> Response:
    """Forget the player's card."""
    integrations.unlink(store, player, service)
    return success("Forgot the card.", {})


@kamai.get("/myt", **answers(Document | None))
def get_myt(store: OpenStore, player: Self) -> Response:
    """The player's card."""
    found = integrations.credentials_of(store, player, "myt")
    return success("Found the card.", found and {"userID": player, **found})


@kamai.put(
    "/myt",
    **answers(Nothing, request=AccessCode),
)
def put_myt(store: OpenStore, player: Self, body: Body) -> Response:
    """Set the player's card."""
    return _link(store, player, "myt", body)


@kamai.delete("/myt", **answers(Nothing))
def delete_myt(store: OpenStore, player: Self) -> Response:
    """Forget the player's card."""
    integrations.unlink(store, player, "myt")
    return success("Forgot the card.", {})


def _kai_service(network: str, _: Self) -> str:
    """The service in the path, upper and lower case alike; after it is clear who asks."""
    found = integrations.services().get(network.lower())
    if found is None or found.exchange is None:
        raise ApiError(400, "kaiType: expected one of flo, min, eag.")
    return found.id


KaiService = Annotated[str, Depends(_kai_service)]


@kamai.get("/kai/{network}", **answers(Linked))
def get_kai(service: KaiService, store: OpenStore, player: Self) -> Response:
    """Whether the player has linked the service."""
    return success("Looked it up.", {"authStatus": _is_linked(store, player, service)})


@kamai.delete("/kai/{network}", **answers(Nothing))
def delete_kai(service: KaiService, store: OpenStore, player: Self) -> Response:
    """Forget the link."""
    if not integrations.unlink(store, player, service):
        raise ApiError(409, "This service is not linked.", code="integration_missing")
    return success("Forgot the link.", {})


@kamai.post("/kai/{network}/oauth2callback", **answers(Nothing, request=Code))
def link_kai(service: KaiService, store: OpenStore, player: Self, body: Body) -> Response:
    """Link the service with the code that the player brings back from its page."""
    code = body.get("code")
    if not isinstance(code, str):
        raise ApiError(
            400, f"code: expected text, got {'nothing' if code is None else code!r:.100}."
        )
    integrations.exchange(store, player, service, code)
    return success("Linked the service.", {})


# --- time stops -----------------------------------------------------------------------------------

stops = APIRouter(prefix="/users/{user}/import-timestops", tags=["time stops"])


def _own(player: Player, caller: MaybeCaller) -> int:
    """The player in the path, who has to be the caller; a token counts.

    Raises:
        ApiError: 401, nobody calls; 403, somebody else does.
    """
    if caller is None:
        raise ApiError(401, NOBODY)
    if caller.user_id != player:
        raise ApiError(403, "Only the player may do this.")
    return player


Own = Annotated[int, Depends(_own)]


def _stop_type(request: Request, body: dict[str, Any]) -> str:
    """The import type that a request names, in its query or its body."""
    named = request.query_params.get("importType", body.get("importType"))
    if named not in time_stops.stoppable():
        known, shown = ", ".join(time_stops.stoppable()), "nothing" if named is None else named
        raise ApiError(400, f"importType: expected one of {known}, got {shown!s:.100}.")
    return str(named)


@stops.get("", **answers(TimeStops))
def get_time_stops(store: OpenStore, player: Own) -> Response:
    """Up to when the player's scores at each service are known."""
    found = time_stops.time_stops(store, player).items()
    listed = [{"importType": kind, "lastScoreTime": time} for kind, time in found]
    return success("Found time stops.", {"timestops": listed})


@stops.put("", **answers(Nothing, request=TimeStop))
def set_time_stop(request: Request, store: OpenStore, player: Own, body: Body) -> Response:
    """Set a time stop; it may be earlier than before."""
    kind, time = _stop_type(request, body), body.get("lastScoreTime")
    if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
        raise ApiError(400, "lastScoreTime: expected a time in Unix milliseconds.")
    try:
        time_stops.set_time_stop(store, player, kind, int(time))
    except TachiError as error:
        raise ApiError(400, str(error)) from None
    return success("Set the time stop.", {})


@stops.delete("", **answers(Nothing, request=TimeStopType))
def delete_time_stop(request: Request, store: OpenStore, player: Own, body: Body) -> Response:
    """Remove a time stop, so that the next import fetches everything."""
    time_stops.remove_time_stop(store, player, _stop_type(request, body))
    return success("Removed the time stop.", {})


# --- settings of game clients ---------------------------------------------------------------------


def _client(client: str) -> str:
    if client not in client_settings.clients():
        raise ApiError(404, "There is no such client.")
    return client


ClientName = Annotated[str, Depends(_client)]


@kamai.get("/{client}/settings", **answers(Document | None))
def get_settings(client: ClientName, store: OpenStore, player: Self) -> Response:
    """What the player has set for a game client; null where nothing is."""
    found = client_settings.settings_of(store, player, client)
    return success("Found settings.", found and {"userID": player, **found})


@kamai.patch("/{client}/settings", **answers(Document, request=Nothing))
def change_settings(client: ClientName, store: OpenStore, player: Self, body: Body) -> Response:
    """Change some settings; answers with all of them."""
    try:
        after = client_settings.change(store, player, client, body)
    except TachiError as error:
        raise ApiError(400, str(error)) from None
    return success("Changed settings.", {"userID": player, **after})
