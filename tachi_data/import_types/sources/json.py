"""Reading JSON, with all that JavaScript reads: half surrogate pairs, and numbers of any size."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, NoReturn

import orjson

from tachi_data.errors import ImportFatal
from tachi_data.import_types.model import Source
from tachi_data.import_types.sources.text import text_of, unicode_text


def json_document(source: Source) -> Any:
    """Read the file as a JSON value; of equal keys the last wins.

    Args:
        source: The import; its data are bytes or text.

    Returns:
        The value. An integer of 19 digits or more is a float.

    Raises:
        ImportFatal: 400; the file is no JSON, or nested too deeply.
    """
    data = source.data
    return json_value(text_of(source) if isinstance(data, str) else bytes(data))


def json_value(data: bytes | str) -> Any:
    """Read a JSON value: the body of a request and an uploaded file are read alike.

    Args:
        data: The JSON; bytes are UTF-8 or UTF-16.

    Returns:
        The value. An integer of 19 digits or more is a float.

    Raises:
        ImportFatal: 400; this is no JSON, or nested too deeply.
    """
    with suppress(orjson.JSONDecodeError):  # Most files are UTF-8, without a byte order mark.
        return orjson.loads(data)
    content = data if isinstance(data, str) else unicode_text(data)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        # Not the error, which has the whole text.
        problem = f" (line {error.lineno}, column {error.colno}): {error.msg}"
    except UnicodeEncodeError as error:
        problem = f": {error}"
    try:  # orjson refuses unpaired surrogates and numbers beyond a double, which JSON admits.
        return json.loads(content, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise ImportFatal(400, "The JSON is nested too deeply.") from None
    except ValueError:
        raise ImportFatal(400, f"This is not valid JSON{problem}.") from None


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 19 else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
