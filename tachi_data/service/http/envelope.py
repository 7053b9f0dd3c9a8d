"""The envelope of every answer: success, description, and a body or a code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from tachi_data.errors import Carried, ImportFatal, TachiError
from tachi_data.reference.canonical import json_text

log = logging.getLogger("tachi_data.service")


class ApiError(Carried):
    """A refusal with its HTTP status; ``code`` is for programs, ``extra`` further keys of the envelope."""

    def __init__(
        self,
        status: int,
        description: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(description)
        self.status, self.description = status, description
        self.code, self.headers, self.extra = code, dict(headers or {}), dict(extra or {})


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON, quickly. Half a surrogate pair, which an orphan may have, is escaped."""
    return Response(json_text(content), status, dict(headers or {}), "application/json")


def success(description: str, body: Any, status: int = 200) -> Response:
    """A success in its envelope."""
    return json_response({"success": True, "description": description, "body": body}, status)


def failure(error: ApiError) -> Response:
    """A failure in its envelope."""
    content = {"success": False, "description": error.description, **error.extra}
    if error.code is not None:
        content["code"] = error.code
    return json_response(content, error.status, error.headers)


def of_fatal(fatal: ImportFatal) -> ApiError:
    """The answer to an import that was refused."""
    return ApiError(fatal.status_code, fatal.message, code=fatal.code)


def install(app: FastAPI) -> None:
    """Make every error of the application an envelope."""

    @app.exception_handler(ApiError)
    async def refused(_: Request, error: ApiError) -> Response:
        return failure(error)

    @app.exception_handler(ImportFatal)
    async def fatal(_: Request, error: ImportFatal) -> Response:
        return failure(of_fatal(error))

    @app.exception_handler(TachiError)
    async def problem(_: Request, error: TachiError) -> Response:
        log.error("a request failed: %s", error)
        return failure(ApiError(503, "The service cannot do this at the moment."))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return failure(ApiError(400, f"{where}: {first['msg']}."))

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, error: ClientDisconnect) -> Response:
        return failure(ApiError(400, "The request ended early."))  # Nobody will read it.

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        # An unknown method of a path that is there is 404, too.
        status = 404 if error.status_code == 405 else error.status_code
        return failure(ApiError(status, str(error.detail), headers=dict(error.headers or {})))
