"""Is the service well?"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tachi_data.clock import unix_ms
from tachi_data.service.callers.auth import MaybeCaller
from tachi_data.service.dependencies import settings_of, store_of
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers, in_query
from tachi_data.service.http.threads import run_waiting
from tachi_data.service.http.uploads import read_json
from tachi_data.service.models import Echo, Status
from tachi_data.store import statements
from tachi_data.version import __version__

sql = statements("tachi_data.service")

router = APIRouter(prefix="/api/v1", tags=["status"])


# So long the store may take to answer before it is called busy.
PATIENCE_S = 2


async def _answers_soon(request: Request) -> bool:
    """Whether the store answers soon. However many ask, one thread waits for it."""
    app, asked = request.app.state, getattr(request.app.state, "asked_store", None)
    if asked is None or asked.done():
        ask = partial(store_of(request).query, sql("is_well"))
        app.asked_store = asked = asyncio.create_task(run_waiting(ask))
    await asyncio.wait([asked], timeout=PATIENCE_S)
    return asked.done() and asked.result() is not None


async def _status(request: Request, caller: MaybeCaller, echo: Any) -> Response:
    if echo is not None and not isinstance(echo, str):
        raise ApiError(400, "echo: expected a string.")
    is_well = await _answers_soon(request)
    body: dict[str, Any] = {
        "serverTime": unix_ms(),
        "startTime": request.app.state.started,
        "version": __version__,
        "whoami": None if caller is None else caller.user_id,
        "permissions": [] if caller is None else sorted(caller.permissions),
        "store": "ok" if is_well else "busy",
    }
    if echo is not None:
        body["echo"] = echo
    return success("The service is up.", body)


@router.get("/status", **answers(Status, parameters=[in_query("echo")]))
async def get_status(request: Request, caller: MaybeCaller) -> Response:
    """Version, time, who asks, and whether the store answers, or (``busy``) does something else for a while."""
    return await _status(request, caller, request.query_params.get("echo"))


@router.post("/status", **answers(Status, request=Echo))
async def post_status(request: Request, caller: MaybeCaller) -> Response:
    """The same; ``echo`` in the JSON body comes back."""
    body = await read_json(request, settings_of(request).largest_body)
    echo = body.get("echo") if isinstance(body, dict) else None
    return await _status(request, caller, echo)
