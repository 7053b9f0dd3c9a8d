"""BATCH-MANUAL as a request body. A client may ask for the time of receipt as the time of the score."""

from __future__ import annotations

from typing import Any

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.import_types import batch_manual as _batch_manual
from tachi_data.import_types.clients import Call, Route
from tachi_data.import_types.model import ImportType, Parsed, Source


def parse(source: Source) -> Parsed:
    """Return the scores of the body, which is the document."""
    parsed = _batch_manual.parse_document(source.data)
    if not source.options.get("inferTimestamp") or not parsed.datapoints:
        return parsed
    return _with_time(parsed, source.now)


def _with_time(parsed: Parsed, now: int) -> Parsed:
    scores: Any = parsed.datapoints
    if len(scores) > 1:
        raise ImportFatal(400, "The time of receipt can only be inferred for a single score.")
    if not isinstance(scores[0], dict):
        return parsed
    if scores[0].get("timeAchieved"):
        raise ImportFatal(400, "scores[0].timeAchieved: it is given, so it cannot be inferred.")
    return Parsed(**{**vars(parsed), "datapoints": [{**scores[0], "timeAchieved": now}]})


def infers_time(call: Call) -> dict[str, Any]:
    """Return the options; a header asks for the time of receipt."""
    wanted = call.headers.get("x-infer-score-timeachieved", "")
    return {"inferTimestamp": wanted.lower() == "true"}


IMPORT_TYPES = (
    ImportType(
        id="ir/direct-manual",
        title="DIRECT-MANUAL",
        games=games.names(),
        options=("inferTimestamp",),
        parse=parse,
        conversion=lambda gpt: _batch_manual.conversion(gpt, "DIRECT-MANUAL"),
        route=Route("/direct-manual/import", options=infers_time, as_upload=True),
    ),
)
