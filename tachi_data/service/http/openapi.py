"""Arguments of routes that tell FastAPI what requests and answers look like (`tachi_data.service.models`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from tachi_data.service.models import Failure, Success

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
INTENT: Schema = {
    "name": "X-User-Intent",
    "in": "header",
    "schema": TEXT,
    "description": "`true` if a person asked for this import.",
}


def answers(
    body: Any,
    accepted: Any = None,
    *,
    request: type[BaseModel] | None = None,
    form: type[BaseModel] | None = None,
    parameters: Iterable[Schema] = (),
) -> dict[str, Any]:
    """Returns arguments of a route.

    Args:
        body: Type of ``body`` in the envelope of a success.
        accepted: The same with status 202; None where the route has no such answer.
        request: Model of the JSON that the route reads. The route reads it by itself, after the caller is known.
        form: Model of the multipart form that the route reads.
        parameters: Parameters that the route reads by itself, as OpenAPI objects.
    """
    failed = {"model": Failure, "description": "Refused, and why."}
    responses: dict[int | str, Any] = {"4XX": failed, "5XX": failed}
    if accepted is not None:
        responses[202] = {"model": Success[accepted], "description": "Accepted; poll for it."}
    extra: Schema = {"parameters": list(parameters)} if parameters else {}
    if request is not None:
        extra["requestBody"] = _content("application/json", request.model_json_schema())
    if form is not None:
        extra["requestBody"] = _content("multipart/form-data", form.model_json_schema())
    return {"response_model": Success[body], "responses": responses, "openapi_extra": extra}


def own_answers(path: str, **extra: Any) -> dict[str, Any]:
    """Returns arguments of a route of a game client, which has answers of its own."""
    answer = {
        "description": "In the words of this client.",
        "content": {"application/json": {"schema": OBJECT}},
    }
    names = re.findall(r"{(\w+)}", path)
    parameters = [{"name": n, "in": "path", "required": True, "schema": TEXT} for n in names]
    return {
        "responses": {200: answer, 202: answer, "4XX": answer, "5XX": answer},
        "openapi_extra": {**extra, "parameters": parameters},
    }


def json_object() -> Schema:
    """Returns the request body of a game client: some JSON object."""
    return _content("application/json", OBJECT)


def attachment(file: str, texts: Iterable[str]) -> Schema:
    """Returns the request body of a game client that sends a file and texts."""
    parts = {file: {"type": "string", "format": "binary"}, **dict.fromkeys(texts, TEXT)}
    return _content(
        "multipart/form-data", {"type": "object", "required": list(parts), "properties": parts}
    )


def _content(kind: str, schema: Schema) -> Schema:
    return {"required": True, "content": {kind: {"schema": schema}}}


def in_query(name: str, schema: Schema = TEXT) -> Schema:
    """Returns an optional parameter in the query."""
    return {"name": name, "in": "query", "schema": schema}
