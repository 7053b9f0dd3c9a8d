"""Is the service well?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.clock import unix_ms
from tachi_data.service.callers.auth import MaybeCaller
from tachi_data.service.dependencies import settings_of, store_of
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers, in_query
from tachi_data.service.http.uploads import read_json
from tachi_data.service.models import Echo, Status
from tachi_data.store import statements
from tachi_data.version import __version__

sql = statements("tachi_data.service")

router = APIRouter(prefix="/api/v1", tags=["status"])


def _status(request: Request, caller: MaybeCaller, echo: Any) -> Response:
    if echo is not None and not isinstance(echo, str):
        raise ApiError(400, "echo: expected a string.")
    store_of(request).query(sql("is_well"))
    body: dict[str, Any] = {
        "serverTime": unix_ms(),
        "startTime": request.app.state.started,
        "version": __version__,
        "whoami": None if caller is None else caller.user_id,
        "permissions": [] if caller is None else sorted(caller.permissions),
        "store": "ok",
    }
    if echo is not None:
        body["echo"] = echo
    return success("The service is up.", body)


@router.get("/status", **answers(Status, parameters=[in_query("echo")]))
def get_status(request: Request, caller: MaybeCaller) -> Response:
    """Version, time, who asks, and whether the store answers."""
    return _status(request, caller, request.query_params.get("echo"))


@router.post("/status", **answers(Status, request=Echo))
async def post_status(request: Request, caller: MaybeCaller) -> Response:
    """The same; ``echo`` in the JSON body comes back."""
    body = await read_json(request, settings_of(request).largest_body)
    echo = body.get("echo") if isinstance(body, dict) else None
    return await run_in_threadpool(_status, request, caller, echo)
