"""Importing over HTTP: the three endpoints, direct-manual and the hooks of game clients, and looking back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.api._auth import MaybeToken, permitted, store_of
from tachi_data.api._envelope import ApiError, success
from tachi_data.api._processing import Processor
from tachi_data.api._settings import Settings
from tachi_data.api._uploads import read_json, read_upload
from tachi_data.documents._import import stored_imports
from tachi_data.import_types import import_types
from tachi_data.importing import ImportJob, queue, revert_import
from tachi_data.orphans import reprocess_orphans
from tachi_data.store import Store
from tachi_data.tokens import Token

router = APIRouter(prefix="/api/v1", tags=["imports"])
Submitter = Annotated[Token, Depends(permitted("submit_score"))]
OpenStore = Annotated[Store, Depends(store_of)]


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
    """Import types of a family (``file``, ``api``, ``ir``) that this service offers."""
    offered = import_types() if settings.import_types is None else settings.import_types
    return [kind for kind in offered if kind.startswith(f"{family}/") and kind in import_types()]


def checked_type(values: tuple[Any, ...], family: str, settings: Settings) -> str:
    """The one import type that was named, if it is an enabled one of this family."""
    kinds = enabled(settings, family)
    if len(values) != 1 or values[0] not in kinds:
        shown = "nothing" if not values else ", ".join(str(v) for v in values)[:100]
        raise ApiError(
            400,
            f"importType: expected one of {', '.join(kinds)}, got {shown}.",
            code="invalid_import_type",
        )
    return str(values[0])


@router.post("/import/file")
async def import_file(
    request: Request, token: Submitter, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Import an uploaded score file (multipart: ``importType``, ``scoreData``, fields of the format)."""
    request.app.state.limiter.check_import(token.user_id)
    upload = await read_upload(request, settings.largest_upload)
    kind = checked_type(upload.import_types, "file", settings)
    options = {**upload.fields, "filename": upload.filename}
    job = ImportJob(kind, upload.content, token.user_id, user_intent(request), options)
    return await run_in_threadpool(processor.handle, job)


@router.post("/import/from-api")
async def import_from_api(
    request: Request, token: Submitter, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Fetch a user's scores from another service and import them (JSON: ``importType``)."""
    request.app.state.limiter.check_import(token.user_id)
    body = await read_json(request, settings.largest_body)
    named = (body["importType"],) if isinstance(body, dict) and "importType" in body else ()
    kind = checked_type(named, "api", settings)
    job = ImportJob(kind, None, token.user_id, user_intent(request))
    return await run_in_threadpool(processor.handle, job)


@router.post("/import/orphans")
def import_orphans(
    request: Request, token: Submitter, store: OpenStore, settings: AppSettings
) -> Response:
    """Try the user's orphans again; answers with the four counters."""
    request.app.state.limiter.check_import(token.user_id)
    report = reprocess_orphans(store, user_ids=[token.user_id], budget_s=settings.orphan_budget_s)
    names = ("processed", "failed", "success", "removed")
    return success("Reprocessed orphans.", {name: getattr(report, name) for name in names})


FILTERS = ("importType", "userIntent")


def _filters(request: Request) -> dict[str, Any]:
    unknown = sorted(set(request.query_params) - set(FILTERS))
    if unknown:
        raise ApiError(400, f"{unknown[0]}: no such filter.")
    kind, intent = request.query_params.get("importType"), request.query_params.get("userIntent")
    if kind is not None and kind not in import_types():
        raise ApiError(400, f"importType: expected an import type, got {kind[:100]}.")
    if intent not in (None, "true", "false"):
        raise ApiError(400, f"userIntent: expected true or false, got {intent[:100]}.")
    return {"kind": kind, "intent": None if intent is None else intent == "true"}


@router.get("/imports")
def list_imports(request: Request, store: OpenStore, _: MaybeToken) -> Response:
    """The 500 newest imports."""
    query = """
        SELECT import_id, user_id FROM imports
        WHERE ($kind IS NULL OR import_type = $kind) AND ($intent IS NULL OR user_intent = $intent)
        ORDER BY time_finished DESC LIMIT 500
        """
    with store.read() as con:
        newest = con.sql(query, params=_filters(request)).pl()
        imports = stored_imports(con, newest)
    users = [{"id": user} for user in sorted(set(newest["user_id"].to_list()))]
    return success("Found imports.", {"imports": imports, "users": users})


@router.get("/imports/failed")
def list_failed(request: Request, store: OpenStore, token: MaybeToken) -> Response:
    """The 500 newest imports that failed; the reason is shown to their owner."""
    rows = store.query(
        """
        SELECT import_id, import_type, user_id, user_intent, epoch_ms(time_started::TIMESTAMP) AS time_started,
               status_code, message
        FROM import_trackers
        WHERE status = 'FAILED' AND ($kind IS NULL OR import_type = $kind)
          AND ($intent IS NULL OR user_intent = $intent)
        ORDER BY time_started DESC LIMIT 500
        """,
        _filters(request),
    )
    failed = []
    for row in rows.iter_rows(named=True):
        error: dict[str, Any] = {"statusCode": row["status_code"]}
        if token is not None and token.user_id == row["user_id"]:
            error["message"] = row["message"]
        failed.append(
            {
                "importID": row["import_id"],
                "importType": row["import_type"],
                "userID": row["user_id"],
                "userIntent": row["user_intent"],
                "timeStarted": row["time_started"],
                "type": "FAILED",
                "error": error,
            }
        )
    users = [{"id": u} for u in sorted(set(rows["user_id"].to_list()))]
    return success("Found failed imports.", {"failedImports": failed, "users": users})


@router.get("/imports/{import_id}")
def get_import(import_id: str, store: OpenStore, _: MaybeToken) -> Response:
    """An import with its scores, songs, charts and sessions."""
    from tachi_data.api._looking import import_with_scores

    found = import_with_scores(store, import_id)
    if found is None:
        raise ApiError(404, "There is no such import.")
    return success("Found the import.", found)


@router.get("/imports/{import_id}/problems")
def get_problems(import_id: str, store: OpenStore, _: MaybeToken) -> Response:
    """The datapoints of an import that did not become scores, with line and reason."""
    rows = store.query(
        "SELECT position, line, outcome, message FROM problems WHERE import_id = ? ORDER BY position",
        [import_id],
    )
    return success("Found problems.", rows.to_dicts())


@router.get("/imports/{import_id}/poll-status")
def poll_status(import_id: str, store: OpenStore, _: MaybeToken) -> Response:
    """How far an accepted import is: ongoing, completed, or its failure."""
    state = queue.state(store, import_id)
    if state is None:
        raise ApiError(404, "There is no such import.")
    if state["status"] == "completed":
        return success(
            "The import is completed.", {"importStatus": "completed", "import": state["import"]}
        )
    if state["status"] == "failed":
        raise ApiError(state["status_code"] or 500, state["message"] or "The import failed.")
    progress = {"description": state["progress"] or "Waiting"}
    return success("The import is ongoing.", {"importStatus": "ongoing", "progress": progress})


@router.post("/imports/{import_id}/revert")
def revert(
    import_id: str, store: OpenStore, token: Annotated[Token, Depends(permitted())]
) -> Response:
    """Take the scores of an import away again."""
    owner = store.query("SELECT user_id FROM imports WHERE import_id = ?", [import_id])
    if owner.is_empty():
        raise ApiError(404, "There is no such import.")
    if owner["user_id"][0] != token.user_id:
        raise ApiError(403, "This is not your import.")
    if "delete_score" not in token.permissions:
        raise ApiError(403, "Your token lacks the permission delete_score.")
    revert_import(store, import_id)
    return success("Reverted the import.", {})


@router.get("/orphans")
def list_orphans(store: OpenStore, token: Annotated[Token, Depends(permitted())]) -> Response:
    """The user's orphans, newest first, with what was looked for."""
    rows = store.query(
        """
        SELECT orphan_id AS "orphanID", import_type AS "importType", game, message AS "errMsg",
               coalesce(song_exact, song_key, chart_key) AS identifier, difficulty,
               epoch_ms(time_inserted::TIMESTAMP) AS "timeInserted"
        FROM orphans WHERE user_id = ? ORDER BY ordinal DESC LIMIT 500
        """,
        [token.user_id],
    )
    return success("Found orphans.", rows.to_dicts())


ir = APIRouter(prefix="/ir", tags=["game clients"])


@ir.post("/direct-manual/import")
async def direct_manual(
    request: Request, token: Submitter, settings: AppSettings, processor: AppProcessor
) -> Response:
    """Import a BATCH-MANUAL document that is the body."""
    request.app.state.limiter.check_import(token.user_id)
    body = await read_json(request, settings.largest_body)
    infer = request.headers.get("x-infer-score-timeachieved", "").lower() == "true"
    if "ir/direct-manual" not in enabled(settings, "ir"):
        raise ApiError(404, "This service does not offer direct-manual.")
    job = ImportJob(
        "ir/direct-manual", body, token.user_id, user_intent(request), {"inferTimestamp": infer}
    )
    return await run_in_threadpool(processor.handle, job)
