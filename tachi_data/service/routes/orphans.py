"""Routes of a player's orphans: pages of them, one of them, and putting one away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tachi_data.orphans import put_away
from tachi_data.players.accounts import Caller
from tachi_data.service.callers.auth import permitted
from tachi_data.service.dependencies import AppProcessor, OpenStore
from tachi_data.service.http.envelope import ApiError, success
from tachi_data.service.http.openapi import answers, in_query
from tachi_data.service.models import Nothing, Orphan, OrphanPage
from tachi_data.service.orphans import MOST, orphan_of, orphans_page

router = APIRouter(prefix="/api/v1/import/orphans", tags=["orphans"])
Sender = Annotated[Caller, Depends(permitted("submit_score"))]
LIMIT = in_query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50})
AFTER = in_query("after", {"type": "integer"})
NONE = "You have no such orphan."


def _number(request: Request, name: str) -> int | None:
    """A whole number in the query; None where it is absent.

    Raises:
        ApiError: 400, it is no whole number.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ApiError(400, f"{name}: expected a whole number, got {text[:100]}.")
    return int(text)


@router.get("", **answers(OrphanPage, parameters=[LIMIT, AFTER]))
def list_orphans(request: Request, store: OpenStore, caller: Sender) -> Response:
    """A page of the user's orphans, newest first; ``after`` is the ``rowID`` of the last one seen."""
    limit = _number(request, "limit")
    if limit is not None and not 1 <= limit <= MOST:
        raise ApiError(400, f"limit: expected 1 to {MOST}, got {limit}.")
    page = orphans_page(store, caller.user_id, limit or 50, _number(request, "after"))
    return success("Found orphans.", page)


@router.get("/{orphan_id}", **answers(Orphan))
def get_orphan(orphan_id: str, store: OpenStore, caller: Sender) -> Response:
    """One of the user's orphans, with the record and its context."""
    found = orphan_of(store, caller.user_id, orphan_id)
    if found is None:
        raise ApiError(404, NONE)
    return success("Found the orphan.", found)


@router.delete("/{orphan_id}", **answers(Nothing))
def delete_orphan(
    orphan_id: str, store: OpenStore, caller: Sender, processor: AppProcessor
) -> Response:
    """Put an orphan away, so that it is not tried again; an operator can restore it from the archive."""
    with processor.turn(caller.user_id):
        if not put_away(store, caller.user_id, orphan_id):
            raise ApiError(404, NONE)
    return success("Deleted the orphan.", {})
