r"""Canonical JSON text of the reference server, from which its identifiers are hashed.

Keys sorted by UTF-16 code unit, no white space, minimal escaping, numbers as ECMAScript writes them.

>>> canonical({"b": [100.0, 1e21, 1e-7, -0.0], "a": "é\n"})
'{"a":"é\\n","b":[100,1e+21,1e-7,0]}'
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

# Numbers that Python may write in another way, and characters that it may sort in another order. A number is
# the whole text or follows a colon, comma or bracket; the digits within a hash do not.
_DIFFERENT = r"(?:^|[:,\[])-?(?:[0-9]+\.0|[0-9.]+[eE]|[0-9]{16})|[\x{10000}-\x{10FFFF}]"
_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_SURROGATE = re.compile("[\ud800-\udfff]")
_text = json.JSONEncoder(ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """The canonical text of a JSON value (NaN and infinities are written by name)."""
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        members = sorted(
            value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass")
        )
        return "{" + ",".join(f"{string(k)}:{canonical(v)}" for k, v in members) + "}"
    return "[" + ",".join(map(canonical, value)) + "]"


def canonical_texts(values: Sequence[Any]) -> list[str]:
    """The canonical text of each value: `canonical`, but much faster for many."""
    try:
        texts = pl.Series([_sorted(value) for value in values], dtype=pl.String)
    except (UnicodeEncodeError, TypeError):  # Unpaired surrogates; keys that are no strings.
        return [canonical(value) for value in values]
    found = texts.to_list()
    for place in texts.str.contains(_DIFFERENT).arg_true().to_list():
        found[place] = canonical(values[place])
    return found


def string(value: str) -> str:
    """A JSON string in which only quotes, backslashes, control characters and lone surrogates are escaped."""
    text = _text(value)
    return text if value.isascii() else _SURROGATE.sub(lambda c: f"\\u{ord(c[0]):04x}", text)


def number(value: float) -> str:
    """A number as ECMAScript prints it: shortest digits, exponents only from 1e21 and below 1e-6.

    >>> [number(v) for v in (1e20, 1e-6, 1.25e-7, 5e-324, 66.66666666666667, 10**25, -(10**400))]
    ['100000000000000000000', '0.000001', '1.25e-7', '5e-324', '66.66666666666667', '1e+25', '-Infinity']
    """
    if isinstance(value, int) and abs(value) <= 2**53:
        return str(value)
    try:
        value = float(value)
    except OverflowError:  # JavaScript reads an integer of 400 digits as infinite.
        value = math.inf if value > 0 else -math.inf
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction if fraction != "0" else ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def identifier(prefix: str, value: Any) -> str:
    """The prefix and the SHA-256 (hex) of the value's canonical text."""
    return prefix + hashlib.sha256(canonical(value).encode()).hexdigest()


def json_text(value: Any) -> str:
    """JSON text of a record; unpaired surrogates, which UTF-8 cannot hold, are escaped."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        return json.dumps(value)


def hashed(prefix: str, texts: pl.Series) -> pl.Series:
    """The prefix and the SHA-256 (hex) of each text."""
    sha256 = hashlib.sha256
    return pl.Series(
        texts.name,
        [prefix + sha256(text.encode()).hexdigest() for text in texts.to_list()],
        dtype=pl.String,
    )
