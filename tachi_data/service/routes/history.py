"""Routes of the past: imports that are done, running or failed, scores, and orphans."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tachi_data.backlog import queue
from tachi_data.documents.imports import with_v3
from tachi_data.import_types import all_import_types
from tachi_data.orphans import why_orphans
from tachi_data.players import accounts
from tachi_data.players.accounts import Caller
from tachi_data.records import violations
from tachi_data.records.schema import Bool, Object, Str
from tachi_data.service import answers as _stored
from tachi_data.service.callers.auth import AnyCaller, MaybeCaller, Player, require
from tachi_data.service.dependencies import AppProcessor, AppSettings, OpenStore
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers, in_query
from tachi_data.service.http.threads import run_waiting
from tachi_data.service.http.uploads import Body
from tachi_data.service.models import (
    Deletion,
    Document,
    FailedImport,
    FailedImports,
    ImportDocument,
    ImportProgress,
    Imports,
    ImportWithScores,
    Notes,
    ScoreFound,
)
from tachi_data.store import Store
from tachi_data.upkeep import annotate_score, delete_scores

router = APIRouter(prefix="/api/v1", tags=["history"])
FILTERS = ("importType", "userIntent")
KINDS = in_query("importType", {"enum": list(all_import_types())})
INTENTS = in_query("userIntent", {"enum": ["true", "false"]})
Found = dict[str, Any]


def _filters(request: Request) -> Found:
    unknown = sorted(set(request.query_params) - set(FILTERS))
    if unknown:
        raise ApiError(400, f"{unknown[0][:100]}: no such filter.")
    kind, intent = request.query_params.get("importType"), request.query_params.get("userIntent")
    if kind is not None and kind not in all_import_types():
        raise ApiError(400, f"importType: expected an import type, got {kind[:100]}.")
    if intent not in (None, "true", "false"):
        raise ApiError(400, f"userIntent: expected true or false, got {intent[:100]}.")
    return {"kind": kind, "intent": None if intent is None else intent == "true"}


@router.get(
    "/imports",
    **answers(Imports, parameters=[KINDS, INTENTS]),
)
def list_imports(request: Request, store: OpenStore, _: MaybeCaller) -> Response:
    """The 500 newest imports."""
    found = _stored.newest_imports(store, None, _filters(request))
    users = _stored.users_of(store, found)
    return success("Found imports.", {"imports": found, "users": users})


@router.get(
    "/imports/failed",
    **answers(FailedImports, parameters=[KINDS, INTENTS]),
)
def list_failed(request: Request, store: OpenStore, caller: MaybeCaller) -> Response:
    """The 500 newest imports that failed; the reason is shown to their owner."""
    found = _stored.failed_imports(store, None, _filters(request))
    users = _stored.users_of(store, found)
    shown = [_shown(document, caller) for document in found]
    return success("Found failed imports.", {"failedImports": shown, "users": users})


@router.get("/users/{user}/imports", **answers(list[ImportDocument], parameters=[KINDS, INTENTS]))
def list_imports_of(request: Request, store: OpenStore, player: Player, _: MaybeCaller) -> Response:
    """The 500 newest imports of a player."""
    return success("Found imports.", _stored.newest_imports(store, player, _filters(request)))


@router.get(
    "/users/{user}/imports/failed", **answers(list[FailedImport], parameters=[KINDS, INTENTS])
)
def list_failed_of(
    request: Request, store: OpenStore, player: Player, caller: MaybeCaller
) -> Response:
    """The 500 newest imports of a player that failed; the reason is shown to the player."""
    found = _stored.failed_imports(store, player, _filters(request))
    return success("Found failed imports.", [_shown(document, caller) for document in found])


HIDDEN = "The import failed; its player can read why."


def _may_read(owner: int, caller: Caller | None) -> bool:
    """Returns whether the caller may read why an import of this player failed."""
    return caller is not None and (caller.is_admin or caller.user_id == owner)


def _shown(failed: Found, caller: Caller | None) -> Found:
    """Returns a failed import, without the text of its error if the caller may not read it."""
    if _may_read(failed["userID"], caller):
        return failed
    return failed | {"error": {"statusCode": failed["error"]["statusCode"]}}


@router.get("/imports/{import_id}", **answers(ImportWithScores))
def get_import(import_id: str, store: OpenStore, _: MaybeCaller) -> Response:
    """An import with its scores, songs, charts and sessions."""
    found = _stored.import_with_scores(store, import_id)
    if found is None:
        raise ApiError(404, "There is no such import.")
    return success("Found the import.", found)


@router.get("/imports/{import_id}/problems", **answers(list[Document]))
def get_problems(import_id: str, store: OpenStore, _: MaybeCaller) -> Response:
    """The datapoints of an import that did not become scores, with line and reason."""
    rows = store.query(_stored.sql("problems"), {"import": import_id})
    return success("Found problems.", rows.to_dicts())


@router.get(
    "/imports/{import_id}/poll-status",
    **answers(ImportProgress),
)
async def poll_status(
    import_id: str, store: OpenStore, settings: AppSettings, caller: MaybeCaller
) -> Response:
    """How far an accepted import is: ongoing, completed, or its failure (the reason only for its player)."""
    progress = queue.progress(settings.spool, import_id)
    if progress is not None:
        return _ongoing(progress)
    state = await run_waiting(partial(queue.state, store, import_id))
    if state is None:
        raise ApiError(404, "There is no such import.")
    if state["status"] == "completed":
        body = {"importStatus": "completed", "import": with_v3(state["import"])}
        return success("The import is completed.", body)
    if state["status"] == "failed":
        may = _may_read(state["user_id"], caller)
        text = state["message"] or "The import failed." if may else HIDDEN
        raise ApiError(state["status_code"] or 500, text)
    return _ongoing(state["progress"])


def _ongoing(progress: str | None) -> Response:
    said = {"description": progress or "Waiting for a worker"}
    return success("The import is ongoing.", {"importStatus": "ongoing", "progress": said})


@router.get("/orphans/why", **answers(Document))
def why(store: OpenStore, caller: AnyCaller) -> Response:
    """Why the player's orphans wait: ``total``, the number in each of ``states``, and ``lines`` of text.

    An administrator is told of those of all players, and the command that helps next.
    """
    answer = why_orphans(store, user_id=None if caller.is_admin else caller.user_id)
    told = answer.lines() if caller.is_admin or not answer.total else answer.lines()[:-1]
    return success("Found why.", {"total": answer.total, "states": answer.counts(), "lines": told})


@router.get("/orphans", **answers(list[Document]))
def list_orphans(store: OpenStore, caller: AnyCaller) -> Response:
    """The user's orphans, newest first: what was looked for, and songs that may be meant."""
    return success("Found orphans.", _stored.orphans_of(store, caller.user_id))


@router.get("/scores/{score_id}", **answers(ScoreFound, parameters=[in_query("getRelated")]))
def get_score(score_id: str, request: Request, store: OpenStore, _: MaybeCaller) -> Response:
    """A score; with ``getRelated`` also its player, song and chart."""
    found = _score(store, score_id)
    if "getRelated" not in request.query_params:
        return success("Found the score.", {"score": found["score"]})
    (user,) = accounts.user_documents(store, [found["score"]["userID"]])
    return success("Found the score.", {**found, "user": user})


def _score(store: Store, score_id: str) -> Found:
    found = _stored.score_with_chart(store, score_id)
    if found is None:
        raise ApiError(404, "There is no such score.")
    return found


def _owned(store: Store, score_id: str, caller: Caller, permission: str) -> Found:
    """Returns a score that the caller may change.

    Raises:
        ApiError: 404, there is none; 403, it is not theirs, or the permission is missing.
    """
    score: Found = _score(store, score_id)["score"]
    if score["userID"] != caller.user_id and not caller.is_admin:
        raise ApiError(403, "This is not your score.")
    require(caller, permission)
    return score


NOTES = Object(
    strict=True,
    members={
        "comment": Str(1, 120, optional=True, nullable=True),
        "highlight": Bool(optional=True),
    },
)


@router.patch("/scores/{score_id}", **answers(Document, request=Notes))
async def change_score(
    score_id: str, body: Body, store: OpenStore, caller: AnyCaller, processor: AppProcessor
) -> Response:
    """Comment on a score, or highlight it."""

    def change() -> Response:
        score = _owned(store, score_id, caller, "customise_score")
        if wrong := violations([body], NOTES):
            raise ApiError(400, str(wrong[0]))
        if not body:
            raise ApiError(400, "comment, highlight: expected one of them, got nothing.")
        with processor.turn(score["userID"]):
            annotate_score(store, score["game"], score_id, body)
        return success("Changed the score.", _score(store, score_id)["score"])

    return await run_in_threadpool(change)


@router.delete(
    "/scores/{score_id}",
    **answers(Document, request=Deletion, parameters=[in_query("dryRun")]),
)
async def delete_score(
    score_id: str,
    request: Request,
    body: Body,
    store: OpenStore,
    caller: AnyCaller,
    processor: AppProcessor,
) -> Response:
    """Delete a score; with ``blacklist`` it is refused from now on. With ``dryRun=true`` only count it."""
    is_dry = request.query_params.get("dryRun") == "true"

    def delete() -> Response:
        score = _owned(store, score_id, caller, "delete_score")
        wanted = body.get("blacklist", False)
        if not isinstance(wanted, bool):
            raise ApiError(400, "blacklist: expected true or false.")
        if is_dry:
            count = delete_scores(store, score["userID"], [score_id], dry_run=True)
            return success("Nothing was changed.", {"removed": count})
        with processor.turn(score["userID"]):
            delete_scores(store, score["userID"], [score_id], blacklist=wanted)
        return success("Deleted the score.", {})

    return await run_in_threadpool(delete)
