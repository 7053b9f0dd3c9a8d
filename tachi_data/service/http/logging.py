"""Logs as lines of JSON. Lines about an import carry its ID; query strings and headers are not logged.

A library such as ``python-json-logger`` would save the formatter's ten lines, and not the import's ID.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from tachi_data.escaping import visible_json

_import_id: ContextVar[str | None] = ContextVar("import_id", default=None)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def about_import(import_id: str) -> Iterator[None]:
    """Give all lines that are logged in this block the ID of the import."""
    token = _import_id.set(import_id)
    try:
        yield
    finally:
        _import_id.reset(token)


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns time, level, logger, message, the import and further members, as JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (import_id := _import_id.get()) is not None:
            line["importID"] = import_id
        line |= {
            k: v for k, v in vars(record).items() if k not in _STANDARD and k != "color_message"
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        written = json.dumps(line, ensure_ascii=False, default=str)
        return visible_json(written)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    # Our own line per request leaves out the query string, in which a code for logging in may be.
    # Requests of ours to other services have tokens in their headers only, but say nothing new.
    "loggers": {
        "uvicorn.access": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
