"""Bodies of requests: files and JSON, read without holding more bytes than a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from tachi_data.errors import ImportFatal
from tachi_data.import_types.sources.json import json_value
from tachi_data.service.callers.auth import MaybeCaller
from tachi_data.service.dependencies import settings_of
from tachi_data.service.http.envelope import ApiError

FIELDS_SLACK = 256 * 1024


@dataclass(frozen=True)
class Upload:
    """A score file with its form fields."""

    content: bytes
    filename: str
    fields: dict[str, str]
    import_types: tuple[str, ...]


async def _bounded(request: Request, limit: int, error: ApiError) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit:
            raise error
        yield chunk


def _hang_up(request: Request, most: int) -> dict[str, str]:
    """Returns headers that close the connection if the client sends more bytes than this, or does not say how many."""
    length = request.headers.get("content-length", "")
    return {} if length.isdecimal() and int(length) <= most else {"Connection": "close"}


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _too_large(request: Request, name: str, largest: int) -> ApiError:
    text = f"{name}: the file is larger than {largest:,} bytes."
    headers = _hang_up(request, 4 * largest)
    return ApiError(400, text, code="too_large", headers=headers)


@asynccontextmanager
async def _form(request: Request, name: str, largest: int) -> AsyncIterator[FormData]:
    """Read the parts of a form with one file; a file that is too large is refused while it is streamed."""
    too_large = _too_large(request, name, largest)
    stream = _bounded(request, largest + FIELDS_SLACK, too_large)
    parser = MultiPartParser(
        request.headers, stream, max_files=4, max_fields=50, max_part_size=FIELDS_SLACK
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise ApiError(400, f"The multipart request cannot be read: {error.message}.") from None
    except KeyError:
        raise ApiError(400, "The multipart request cannot be read: it has no boundary.") from None
    try:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile) and (part.size or 0) > largest:
                raise too_large
        yield form
    finally:
        await form.close()


async def read_upload(request: Request, largest: int) -> Upload:
    """Returns the file under ``scoreData`` and the other fields.

    Raises:
        ApiError: 400, the form is broken, its file too large, or there is not exactly one.
    """
    if not _is_form(request):
        raise ApiError(
            400, "scoreData: expected a file in a multipart/form-data request, got nothing."
        )
    async with _form(request, "scoreData", largest) as form:
        file = _only_file(form.multi_items(), "scoreData")
        content = await file.read()
    texts = _texts(form)
    kinds = tuple(value for name, value in texts if name == "importType")
    return Upload(content, file.filename or "", _once(texts), kinds)


async def read_attachment(
    request: Request, name: str, largest: int
) -> tuple[dict[str, str], bytes | None]:
    """Returns the texts of a form and the file under ``name``; no texts and None where they are missing."""
    if not _is_form(request):
        return {}, None
    async with _form(request, name, largest) as form:
        items = form.multi_items()
        has_file = any(isinstance(part, UploadFile) for _, part in items)
        content = await _only_file(items, name).read() if has_file else None
    return dict(_texts(form)), content


def _texts(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _only_file(items: Sequence[tuple[str, UploadFile | str]], wanted: str) -> UploadFile:
    files = [(name, part) for name, part in items if isinstance(part, UploadFile)]
    if [name for name, _ in files] != [wanted]:
        found = ", ".join(name for name, _ in files)[:100] or "nothing"
        raise ApiError(400, f"{wanted}: expected exactly one file, got {found}.")
    return files[0][1]


def _once(texts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Returns the fields for the parser; a field that is there twice is refused."""
    fields = [(name, value) for name, value in texts if name != "importType"]
    for name, count in Counter(name for name, _ in fields).items():
        if count > 1:
            raise ApiError(400, f"{name[:100]}: expected at most once.")
    return dict(fields)


async def read_json(request: Request, largest: int, *, as_file: bool = False) -> Any:
    """Returns the JSON body; ``{}`` where there is none or the request is not JSON.

    Args:
        request: The request.
        largest: The bytes that the body may have.
        as_file: Whether the body is read as an uploaded file is, with halves of surrogate pairs and numbers of
            any size in it.

    Raises:
        ApiError: 413, it is larger than ``largest`` bytes; 400, it is broken, or no object or array.
    """
    too_large = ApiError(
        413,
        f"The body is larger than {largest:,} bytes.",
        code="too_large",
        headers=_hang_up(request, 4 * largest),
    )
    body = b"".join([chunk async for chunk in _bounded(request, largest, too_large)])
    if not body or not _is_json(request):
        return {}
    try:
        content = json_value(body) if as_file else orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, f"The body is not valid JSON: {error.msg}.") from None
    except ImportFatal as fatal:
        raise ApiError(400, fatal.message) from None
    if not isinstance(content, (dict, list)):
        raise ApiError(400, "The body must be a JSON object or array.")
    return content


def _is_json(request: Request) -> bool:
    """Returns whether the media type is JSON; a page of another site cannot send such a type unasked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/json", "text/json") or kind.endswith("+json")


async def _object(request: Request, _: MaybeCaller) -> dict[str, Any]:
    body = await read_json(request, settings_of(request).largest_body)
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


# The JSON object of a request. A route asks for it after all that may refuse the request before.
Body = Annotated[dict[str, Any], Depends(_object)]
