"""Importing over HTTP: the three endpoints of the contract, and taking an import back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.import_types import import_types
from tachi_data.importing import ImportJob
from tachi_data.players.accounts import Caller
from tachi_data.service.answers import import_owner
from tachi_data.service.callers.admission import Admitted, Importer
from tachi_data.service.callers.auth import OpenStore, require
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import (
    ACCEPTED,
    IMPORT,
    INTENT,
    WHOLE,
    answers,
    json_body,
    record,
    upload,
)
from tachi_data.service.http.uploads import read_json, read_upload
from tachi_data.service.processing import Processor
from tachi_data.service.settings import Settings
from tachi_data.store import Store
from tachi_data.upkeep import revert_import

router = APIRouter(prefix="/api/v1", tags=["imports"])


def settings_of(request: Request) -> Settings:
    """The settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


def processor_of(request: Request) -> Processor:
    """What carries imports out."""
    processor: Processor = request.app.state.processor
    return processor


AppSettings = Annotated[Settings, Depends(settings_of)]
AppProcessor = Annotated[Processor, Depends(processor_of)]


def user_intent(request: Request) -> bool:
    """Whether the client says that a person asked for this."""
    return request.headers.get("x-user-intent", "").lower() == "true"


def enabled(settings: Settings, family: str) -> list[str]:
    """Import types of a family (``file``, ``api``) that this service offers."""
    offered = import_types() if settings.import_types is None else settings.import_types
    return [kind for kind in offered if kind.startswith(f"{family}/") and kind in import_types()]


def checked_type(values: tuple[Any, ...], family: str, settings: Settings) -> str:
    """The one import type that was named, if it is an enabled one of this family."""
    kinds = enabled(settings, family)
    if len(values) != 1 or values[0] not in kinds:
        shown = "nothing" if not values else ", ".join(str(v) for v in values)[:100]
        text = f"importType: expected one of {', '.join(kinds)}, got {shown}."
        raise ApiError(400, text, code="invalid_import_type")
    return str(values[0])


FILES = [kind for kind in import_types() if kind.startswith("file/")]
FETCHED = [kind for kind in import_types() if kind.startswith("api/")]


@router.post(
    "/import/file", **answers(IMPORT, ACCEPTED, requestBody=upload(FILES), parameters=[INTENT])
)
async def import_file(
    request: Request, caller: Importer, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Import an uploaded score file (multipart: ``importType``, ``scoreData``, fields of the format)."""
    upload = await read_upload(request, settings.largest_upload)
    kind = checked_type(upload.import_types, "file", settings)
    options = {**upload.fields, "filename": upload.filename}
    job = ImportJob(kind, upload.content, caller.user_id, user_intent(request), options)
    return await run_in_threadpool(processor.handle, job, caller.confirm)


@router.post(
    "/import/from-api",
    **answers(
        IMPORT,
        ACCEPTED,
        requestBody=json_body(record(importType={"enum": FETCHED}), {"importType": "api/flo-iidx"}),
        parameters=[INTENT],
    ),
)
async def import_from_api(
    request: Request, caller: Importer, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Fetch a user's scores from another service and import them (JSON: ``importType``)."""
    body = await read_json(request, settings.largest_body)
    named = (body["importType"],) if isinstance(body, dict) and "importType" in body else ()
    kind = checked_type(named, "api", settings)
    job = ImportJob(kind, None, caller.user_id, user_intent(request))
    return await run_in_threadpool(processor.handle, job, caller.confirm)


@router.post(
    "/import/orphans",
    **answers(record(processed=WHOLE, failed=WHOLE, success=WHOLE, removed=WHOLE)),
)
def import_orphans(caller: Importer, processor: AppProcessor) -> Response:
    """Try the user's orphans again; answers with the four counters."""
    return success("Reprocessed orphans.", processor.reprocess(caller.user_id, caller.confirm))


@router.post("/imports/{import_id}/revert", **answers())
def revert(
    import_id: str, store: OpenStore, admission: Admitted, processor: AppProcessor
) -> Response:
    """Take the scores of an import away again."""
    caller = admission.caller
    if caller.is_admin or "delete_score" not in caller.permissions:
        owner = _revertible(store, import_id, admission.confirm())
        with processor.turn(owner):
            revert_import(store, import_id)
    else:  # It is their own import or refused, so the store need not say whose turn it takes.
        with processor.turn(caller.user_id):
            _revertible(store, import_id, admission.confirm())
            revert_import(store, import_id)
    return success("Reverted the import.", {})


def _revertible(store: Store, import_id: str, caller: Caller) -> int:
    """The owner of an import that the caller may revert."""
    owner = import_owner(store, import_id)
    if owner is None:
        raise ApiError(404, "There is no such import.")
    if owner != caller.user_id and not caller.is_admin:
        raise ApiError(403, "This is not your import.")
    require(caller, "delete_score")
    return owner
