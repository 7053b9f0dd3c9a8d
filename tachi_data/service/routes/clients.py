"""Routes of game clients, below ``/ir``, as their import types declare them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.documents.imports import with_v3
from tachi_data.errors import UNEXPECTED, ImportFatal, StoreError
from tachi_data.import_types import (
    Attachment,
    Call,
    Client,
    ImportType,
    Question,
    Reply,
    Route,
    all_import_types,
)
from tachi_data.importing import ImportJob
from tachi_data.players import client_settings
from tachi_data.service.answers import StoredFor
from tachi_data.service.callers.admission import Admission, admission_in, certain
from tachi_data.service.callers.auth import BEARER, NOBODY, require
from tachi_data.service.dependencies import (
    hasty_store_of,
    limiter_of,
    poll_address,
    processor_of,
    settings_of,
    store_of,
    user_intent,
)
from tachi_data.service.http.envelope import ApiError, json_response, of_fatal, success
from tachi_data.service.http.openapi import attachment, json_object, own_answers
from tachi_data.service.http.threads import run_waiting
from tachi_data.service.http.uploads import read_attachment, read_json
from tachi_data.service.settings import Settings

log = logging.getLogger("tachi_data.service")
Made = TypeVar("Made")
Endpoint = Callable[[Request], Awaitable[Response]]


def router(settings: Settings) -> APIRouter:
    """Returns the routes of the clients that a service of this flavour has; others are unknown paths."""
    made = APIRouter(prefix="/ir", tags=["game clients"], dependencies=[Security(BEARER)])
    for kind in all_import_types().values():
        if kind.route is not None and _serves(settings, kind.route.client):
            body = own_answers(kind.route.path, requestBody=json_object())
            made.add_api_route(
                kind.route.path, _plays(kind), methods=["POST"], summary=kind.title, **body
            )
        for question in kind.questions:
            if _serves(settings, question.client):
                _add_question(made, question)
    return made


def _serves(settings: Settings, client: Client) -> bool:
    return client.network in (None, settings.flavour) or settings.flavour == "omni"


def _add_question(made: APIRouter, question: Question) -> None:
    file, body = question.attachment, {}
    if file is not None:
        body = {"requestBody": attachment(file.name, file.fields)}
    elif question.method == "POST":
        body = {"requestBody": json_object()}
    made.add_api_route(
        question.path,
        _asks(question),
        methods=[question.method],
        summary=(question.answer.__doc__ or "").split("\n")[0],
        **own_answers(question.path, **body),
    )


def _plays(kind: ImportType) -> Endpoint:
    """Returns the endpoint to which a client sends plays."""
    route = kind.route
    assert route is not None

    async def receive(request: Request) -> Response:
        def work(call: Call, admission: Admission) -> Reply | Response:
            return _import(kind, route, call, admission)

        return await _answered(route.client, request, work, route=route)

    return receive


def _asks(question: Question) -> Endpoint:
    """Returns the endpoint at which a client asks something."""

    async def ask(request: Request) -> Response:
        def answer(call: Call, _: Admission) -> Reply:
            return question.answer(call, _stored_for(call, request))

        return await _answered(question.client, request, answer, attachment=question.attachment)

    return ask


async def _answered(
    client: Client,
    request: Request,
    work: Callable[[Call, Admission], Reply | Response],
    *,
    route: Route | None = None,
    attachment: Attachment | None = None,
) -> Response:
    """Check the caller, then the headers, then read the body; failures are in the client's words."""
    if client.playtypes and request.path_params["playtype"] not in client.playtypes:
        raise ApiError(400, f"playtype: expected one of {', '.join(client.playtypes)}.")
    admitted = await _worded(client, lambda: _admitted(client, request, route))
    if isinstance(admitted, Response):
        return admitted
    call, admission = admitted
    settings = settings_of(request)
    is_upload = route is not None and route.as_upload
    largest = settings.largest_upload if is_upload else settings.largest_body
    asked = await _with_body(call, request, attachment, largest, as_file=is_upload)
    answer = await _worded(client, lambda: work(asked, admission), waits=route is not None)
    return json_response(answer.content, answer.status) if isinstance(answer, Reply) else answer


async def _with_body(
    call: Call, request: Request, attachment: Attachment | None, largest: int, *, as_file: bool
) -> Call:
    if request.method != "POST":
        return call
    if attachment is not None:
        texts, file = await read_attachment(request, attachment.name, attachment.largest)
        return replace(call, body=texts, file=file)
    body = await read_json(request, largest, as_file=as_file)
    return replace(call, body=body if isinstance(body, dict) else {})


def _stored_for(call: Call, request: Request) -> StoredFor:
    return StoredFor(store_of(request), call.user_id, settings_of(request).files)


async def _worded(
    client: Client, work: Callable[[], Made], *, waits: bool = False
) -> Made | Response:
    """Do something, with failures in the client's words; ``waits`` tells that it may take long."""
    try:
        return await (run_waiting(work) if waits else run_in_threadpool(work))
    except (ApiError, ImportFatal) as error:
        refused = error if isinstance(error, ApiError) else of_fatal(error)
        if client.refuse is None:
            raise refused from None
        said = client.refuse(refused.status, refused.description)
        return json_response(said.content, said.status, refused.headers)
    except Exception:
        if client.refuse is None:
            raise
        log.exception("an unexpected error in a route of a game client")
        said = client.refuse(500, UNEXPECTED)
        return json_response(said.content, said.status)


def _admitted(client: Client, request: Request, route: Route | None) -> tuple[Call, Admission]:
    """Returns the request without its body, and its caller; with a ``route`` it is one that imports."""
    admission = certain(request) if route is None else admission_in(request)
    if admission is None:
        raise ApiError(client.guest_status, NOBODY)
    if request.method == "POST":
        require(admission.caller, "submit_score")
    if route is not None and route.as_upload:
        limiter_of(request).check_import(admission.user_id)
    call = Call(
        None,
        dict(request.headers),
        request.path_params,
        dict(request.query_params),
        _settings_of(client, admission, route),
        admission.user_id,
    )
    client.check(call)
    return call, admission


def _settings_of(client: Client, admission: Admission, route: Route | None) -> Mapping[str, Any]:
    """Returns the player's settings; a player with a running import is refused instead of kept waiting."""
    request, user_id = admission.request, admission.user_id
    if not client.settings:
        return {}
    look = partial(client_settings.settings_of, user_id=user_id, client=client.name)
    try:
        return hasty_store_of(request).ask(look) or {}
    except StoreError:
        if route is not None and not route.in_background:
            processor_of(request).centre.refuse_if_taken(user_id)
    return look(store_of(request)) or {}


def _import(kind: ImportType, route: Route, call: Call, admission: Admission) -> Reply | Response:
    """Import the plays of a request; returns the answer in the client's words."""
    options = route.options(call)
    if isinstance(options, Reply):
        admission.confirm()
        return options
    request = admission.request
    processor, intent = processor_of(request), route.as_upload and user_intent(request)
    job = ImportJob(kind.id, call.body, call.user_id, intent, options)
    call = replace(call, url=poll_address(request, job.import_id))
    if route.as_upload:
        return processor.handle(job, admission, call.url)
    if route.in_background:
        admission.confirm()
        processor.run_in_background(job)
        return success("Accepted the import.", {"url": call.url, "importID": job.import_id}, 202)
    document = processor.run(job, admission)
    if route.reply is None:
        return success("Imported scores.", {**with_v3(document), "url": call.url})
    return route.reply(document, call, _stored_for(call, request))
