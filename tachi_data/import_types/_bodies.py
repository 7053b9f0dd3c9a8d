"""Bodies that game clients send: one JSON object, which is right or refuses the whole import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tachi_data.errors import ImportFatal
from tachi_data.import_types._model import Source
from tachi_data.import_types._schema import Object, violations


def body(source: Source) -> dict[str, Any]:
    """The body; what is no object counts as an empty one."""
    return source.data if type(source.data) is dict else {}


def check(record: Mapping[str, Any], shape: Object, path: str = "") -> None:
    """Refuse the import at the first member that is not what it should be.

    Args:
        record: A part of the body.
        shape: What it should be.
        path: Where in the body it is, for the message: ``scores[3]``.

    Raises:
        ImportFatal: 400, with the path of the member.
    """
    found = violations([record], shape)
    if found:
        where = f"{path}{found[0].path}".removeprefix(".")
        raise ImportFatal(400, f"{where}: {found[0].reason}")


def check_all(records: Sequence[Any], shape: Object, path: str) -> None:
    """Refuse the import at the first of these records that is not what it should be."""
    stray = next((i for i, r in enumerate(records) if type(r) is not dict), None)
    found = violations(records[:stray], shape)
    if found:
        row = min(found)
        raise ImportFatal(400, f"{path}[{row}]{found[row].path}: {found[row].reason}")
    if stray is not None:
        raise ImportFatal(400, f"{path}[{stray}]: expected an object, got {records[stray]!r:.60}.")
