"""Importing over HTTP: the three endpoints of the contract, and taking an import back."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.games import v3_games
from tachi_data.importing import ImportJob
from tachi_data.players.accounts import Caller
from tachi_data.service.answers import has_profile, import_owner
from tachi_data.service.callers.admission import Admission, Admitted, Importer
from tachi_data.service.callers.auth import require
from tachi_data.service.dependencies import (
    AppProcessor,
    AppSettings,
    OpenStore,
    poll_address,
    user_intent,
)
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import INTENT, answers, in_query
from tachi_data.service.http.threads import run_waiting
from tachi_data.service.http.uploads import read_json, read_upload
from tachi_data.service.models import (
    ClassesStated,
    Document,
    Fetch,
    ImportAccepted,
    ImportDone,
    Reprocessed,
    Upload,
)
from tachi_data.service.settings import Settings
from tachi_data.store import Store
from tachi_data.upkeep import revert_import

router = APIRouter(prefix="/api/v1", tags=["imports"])
CLASSES = "file/import-class"


def checked_type(values: tuple[Any, ...], family: str, settings: Settings) -> str:
    """Returns the import type that a request names.

    Raises:
        ApiError: 400, it names none, several, or one that is not enabled or of another family.
    """
    kinds = settings.offered(family)
    if len(values) != 1 or values[0] not in kinds:
        shown = "nothing" if not values else ", ".join(str(v) for v in values)[:100]
        text = f"importType: expected one of {', '.join(kinds)}, got {shown}."
        raise ApiError(400, text, code="invalid_import_type")
    return str(values[0])


@router.post(
    "/import/file", **answers(ImportDone, ImportAccepted, form=Upload, parameters=[INTENT])
)
async def import_file(
    request: Request, caller: Importer, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Import an uploaded score file (multipart: ``importType``, ``scoreData``, fields of the format)."""
    upload = await read_upload(request, settings.largest_upload)
    kind = checked_type(upload.import_types, "file", settings)
    options = {**upload.fields, "filename": upload.filename}
    job = ImportJob(kind, upload.content, caller.user_id, user_intent(request), options)
    return await run_waiting(
        partial(processor.handle, job, caller, poll_address(request, job.import_id))
    )


@router.post(
    "/import/from-api",
    **answers(ImportDone, ImportAccepted, request=Fetch, parameters=[INTENT]),
)
async def import_from_api(
    request: Request, caller: Importer, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Fetch a user's scores from another service and import them (JSON: ``importType``).

    Only scores after the time stop are fetched; with ``ignoreTimestop`` all are.
    """
    body = await read_json(request, settings.largest_body)
    named = (body["importType"],) if isinstance(body, dict) and "importType" in body else ()
    kind = checked_type(named, "api", settings)
    ignores = isinstance(body, dict) and body.get("ignoreTimestop") is True
    options = {"ignoreTimestop": True} if ignores else {}
    job = ImportJob(kind, None, caller.user_id, user_intent(request), options)
    return await run_waiting(
        partial(processor.handle, job, caller, poll_address(request, job.import_id))
    )


@router.post(
    "/import/class",
    **answers(ImportDone, ImportAccepted, request=ClassesStated, parameters=[INTENT]),
)
async def import_classes(
    request: Request,
    caller: Importer,
    store: OpenStore,
    settings: AppSettings,
    processor: AppProcessor,
) -> Response:
    """Set classes of a game that the user has played (JSON: ``game``, a v3 game, and ``classes``); null removes one."""
    kind = checked_type((CLASSES,), "file", settings)
    body = await read_json(request, settings.largest_body)
    stated = body if isinstance(body, dict) else {}
    game = str(stated.get("game"))
    if game not in v3_games():
        raise ApiError(400, f"game: expected one of {', '.join(v3_games())}, got {game[:100]}.")
    await run_in_threadpool(_check_played, store, caller, game)
    job = ImportJob(kind, orjson.dumps(stated), caller.user_id, user_intent(request))
    return await run_waiting(
        partial(processor.handle, job, caller, poll_address(request, job.import_id))
    )


def _check_played(store: Store, caller: Admission, game: str) -> None:
    """Refuse classes of a game that the caller has not played.

    Raises:
        ApiError: 404, they have no profile of it.
    """
    caller.confirm()
    if not has_profile(store, caller.user_id, *v3_games()[game]):
        raise ApiError(404, f"You have not played {game}.")


@router.post(
    "/import/orphans",
    **answers(Reprocessed),
)
async def import_orphans(caller: Importer, processor: AppProcessor) -> Response:
    """Try the user's orphans again; answers with the four counters."""
    counters = await run_waiting(partial(processor.reprocess, caller.user_id, caller))
    return success("Reprocessed orphans.", counters)


@router.post("/imports/{import_id}/revert", **answers(Document, parameters=[in_query("dryRun")]))
def revert(
    import_id: str,
    request: Request,
    store: OpenStore,
    admission: Admitted,
    processor: AppProcessor,
) -> Response:
    """Remove the scores that an import brought; with ``dryRun=true`` only count them."""
    caller = admission.caller
    if request.query_params.get("dryRun") == "true":
        _revertible(store, import_id, admission.confirm())
        count = revert_import(store, import_id, dry_run=True)
        return success("Nothing was changed.", {"removed": count})
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
    """Returns the player of an import that the caller may revert.

    Raises:
        ApiError: 404, there is none; 403, it is not theirs, or the permission is missing.
    """
    owner = import_owner(store, import_id)
    if owner is None:
        raise ApiError(404, "There is no such import.")
    if owner != caller.user_id and not caller.is_admin:
        raise ApiError(403, "This is not your import.")
    require(caller, "delete_score")
    return owner
