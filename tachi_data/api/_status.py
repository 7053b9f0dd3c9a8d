"""Is the service well?"""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

import tachi_data
from tachi_data.api._auth import MaybeToken, store_of
from tachi_data.api._envelope import ApiError, success
from tachi_data.api._uploads import read_json

router = APIRouter(prefix="/api/v1", tags=["status"])


def _status(request: Request, token: MaybeToken, echo: Any) -> Response:
    if echo is not None and not isinstance(echo, str):
        raise ApiError(400, "echo: expected a string.")
    store_of(request).query("SELECT 1")
    body: dict[str, Any] = {
        "serverTime": time.time_ns() // 1_000_000,
        "startTime": request.app.state.started,
        "version": tachi_data.__version__,
        "whoami": None if token is None else token.user_id,
        "permissions": [] if token is None else sorted(token.permissions),
        "store": "ok",
    }
    if echo is not None:
        body["echo"] = echo
    return success("The service is up.", body)


@router.get("/status")
def get_status(request: Request, token: MaybeToken) -> Response:
    """Version, time, who asks, and whether the store answers."""
    return _status(request, token, request.query_params.get("echo"))


@router.post("/status")
async def post_status(request: Request, token: MaybeToken) -> Response:
    """The same; ``echo`` in the JSON body comes back."""
    body = await read_json(request, request.app.state.settings.largest_body)
    return _status(request, token, body.get("echo") if isinstance(body, dict) else None)
