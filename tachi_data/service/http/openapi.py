"""What the OpenAPI page says of requests and answers that the routes read and write by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


def listed(schema: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": schema}


def record(**members: Schema) -> Schema:
    """An object that has at least these members."""
    return {"type": "object", "required": list(members), "properties": members}


ERROR = record(type=TEXT, message=TEXT)
IMPORT = record(
    importID=TEXT,
    importType=TEXT,
    userID=WHOLE,
    userIntent=FLAG,
    game=TEXT,
    playtypes=listed(TEXT),
    idStrings=listed(TEXT),
    scoreIDs=listed(TEXT),
    errors=listed(ERROR),
    timeStarted=WHOLE,
    timeFinished=WHOLE,
    createdSessions=listed(record(sessionID=TEXT, type={"enum": ["Created", "Appended"]})),
    classDeltas=listed(OBJECT),
    goalInfo=listed(OBJECT),
    questInfo=listed(OBJECT),
)
IMPORT["examples"] = [
    {
        "importID": "d1c0b5f1e0a94fd6c0f0a8e2c7d35a41f9be0273",
        "importType": "file/batch-manual",
        "userID": 1,
        "userIntent": True,
        "game": "iidx",
        "playtypes": ["SP"],
        "idStrings": ["iidx:SP"],
        "scoreIDs": ["T507150ccbc211e0ff55dfdb3899048d2b3b3bd5c5197fc45f0108eded6383a78"],
        "errors": [{"type": "SongOrChartNotFound", "message": "The catalogue has no song 9999."}],
        "timeStarted": 1767225600000,
        "timeFinished": 1767225600312,
        "createdSessions": [{"sessionID": "Q0123456789abcdef", "type": "Created"}],
        "classDeltas": [],
        "goalInfo": [],
        "questInfo": [],
    }
]
ACCEPTED = record(url=TEXT, importID=TEXT)
FAILURE = record(success={"const": False}, description=TEXT)
FAILURE["properties"]["code"] = {"type": "string", "description": "For programs."}
INTENT: Schema = {
    "name": "X-User-Intent",
    "in": "header",
    "schema": TEXT,
    "description": "`true` if a person asked for this import.",
}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _success(body: Schema, text: str) -> Schema:
    content = record(success={"const": True}, description=TEXT, body=body)
    return {"description": text, "content": _json(content)}


def answers(body: Schema = OBJECT, accepted: Schema | None = None, **extra: Any) -> dict[str, Any]:
    """Arguments of a route: what ``body`` is on success (and with 202), and that failures have envelopes."""
    failed = {"description": "Refused, and why.", "content": _json(FAILURE)}
    responses: dict[int | str, Any] = {200: _success(body, "Done."), "4XX": failed, "5XX": failed}
    if accepted is not None:
        responses[202] = _success(accepted, "Accepted; poll for it.")
    return {"responses": responses, "openapi_extra": extra}


def own_answers(path: str, **extra: Any) -> dict[str, Any]:
    """The same for a route of a game client, which has answers of its own."""
    answer = {"description": "In the words of this client.", "content": _json(OBJECT)}
    names = re.findall(r"{(\w+)}", path)
    parameters = [{"name": n, "in": "path", "required": True, "schema": TEXT} for n in names]
    return {
        "responses": {200: answer, 202: answer, "4XX": answer, "5XX": answer},
        "openapi_extra": {**extra, "parameters": parameters},
    }


def json_body(schema: Schema, example: Mapping[str, Any] | None = None) -> Schema:
    """A JSON body of a request."""
    content = _json(schema)
    if example is not None:
        content["application/json"]["example"] = example
    return {"required": True, "content": content}


def upload(kinds: list[str]) -> Schema:
    """A multipart body with a file."""
    schema = record(importType={"enum": kinds}, scoreData={"type": "string", "format": "binary"})
    schema["additionalProperties"] = TEXT
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def form(file: str, texts: Iterable[str]) -> Schema:
    """A multipart body with a file and texts that a client sends."""
    parts = {file: {"type": "string", "format": "binary"}, **dict.fromkeys(texts, TEXT)}
    return {"required": True, "content": {"multipart/form-data": {"schema": record(**parts)}}}


def in_query(name: str, schema: Schema) -> Schema:
    """An optional parameter in the query."""
    return {"name": name, "in": "query", "schema": schema}
