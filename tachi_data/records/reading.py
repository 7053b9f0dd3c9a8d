"""Reading JSON records: all at once, and one by one where a record does not fit.

A record that fits becomes a struct of its declaration (`Object.struct` or `Object.wide`). A record that does
not fit has a `Violation`. `frames.columns` turns structs into columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl
from msgspec import Struct, ValidationError, convert

from tachi_data.errors import ImportFatal
from tachi_data.records.frames import columns, paired
from tachi_data.records.schema import Int, Kind, ListOf, Object, OneOf, read_own
from tachi_data.records.wording import Violation, explained


@dataclass(frozen=True, eq=False)
class Fitted:
    """Records that were read: the struct of each, or None and a violation (by position)."""

    structs: list[Struct | None]
    violations: dict[int, Violation]

    def texts(self) -> pl.Series:
        """Return the violation of each record as text; null where there is none."""
        texts = {row: str(violation) for row, violation in self.violations.items()}
        rows = range(len(self.structs))
        return pl.Series("violation", [texts.get(row) for row in rows], dtype=pl.String)


def fit(values: Sequence[Any], declaration: Object, *, first_only: bool = False) -> Fitted:
    """Read JSON records.

    Args:
        values: The records; a value that is no object does not fit.
        declaration: What a record has to look like.
        first_only: Stop behind the first record that does not fit: of a file that is refused for it, millions of
            others need not be looked at.

    Returns:
        As many structs (up to that record), and the first violation of each record that does not fit.
    """
    try:
        whole = convert(list(values), list[declaration.wide], dec_hook=read_own)  # type: ignore[name-defined]
        if declaration.all_fit(whole):
            return Fitted(whole, {})
    except (ValidationError, UnicodeEncodeError):
        pass
    structs: list[Struct | None] = []
    violations: dict[int, Violation] = {}
    for row, value in enumerate(values):
        found = _one(value, declaration)
        structs.append(None if isinstance(found, Violation) else found)
        if isinstance(found, Violation):
            violations[row] = found
            if first_only:
                break
    return Fitted(structs, violations)


def joined_fits(parts: Iterable[Fitted]) -> Fitted:
    """Join records that were read apart, in order."""
    structs: list[Struct | None] = []
    violations: dict[int, Violation] = {}
    for part in parts:
        violations |= {len(structs) + row: v for row, v in part.violations.items()}
        structs += part.structs
    return Fitted(structs, violations)


def _one(value: Any, declaration: Object) -> Struct | Violation:
    """Return one record as a struct: as it is, in plain values, or as programs write it today."""
    with suppress(ValidationError, UnicodeEncodeError):
        return convert(value, declaration.struct, dec_hook=read_own)
    try:
        return convert(plain(value, declaration), declaration.struct, dec_hook=read_own)
    except ValidationError as error:
        violation = explained(error, value, declaration)
    if declaration.older is None or not isinstance(value, dict):
        return violation
    modern = declaration.older(value)
    if modern == value:
        return violation
    try:
        return convert(plain(modern, declaration), declaration.struct, dec_hook=read_own)
    except ValidationError as error:
        return explained(error, modern, declaration)


def plain(value: Any, kind: Kind | None) -> Any:
    """Return the value for msgspec.

    ``100.0`` is an integer where one is declared; an empty array is an empty object where one is declared, as
    programs write it whose language has one empty table for both; texts are UTF-8.
    """
    if isinstance(value, str):
        return paired(value)
    if isinstance(value, dict) and isinstance(kind, Object):
        named = {paired(k) if isinstance(k, str) else k: v for k, v in value.items()}
        members = ((k, v, kind.members.get(k)) for k, v in named.items())
        return {
            k: {} if v == [] and isinstance(of, Object) else plain(v, of) for k, v, of in members
        }
    if isinstance(value, list) and isinstance(kind, ListOf):
        return [plain(v, kind.element) for v in value]
    if isinstance(value, float) and value.is_integer() and isinstance(kind, (Int, OneOf)):
        return int(value)
    return value


def read(
    values: Sequence[Any], declaration: Object, prefix: str = "raw"
) -> tuple[pl.DataFrame, pl.Series]:
    """Read JSON records as columns.

    Args:
        values: The records; a value that is no object does not fit.
        declaration: What a record has to look like.
        prefix: What the names of the columns start with.

    Returns:
        One column per leaf of the declaration, named by its path (``raw.score.lamp``), and what is wrong
        with each record as text. A record that does not fit has null in all columns.

    >>> from tachi_data.records.schema import Int
    >>> frame, violations = read([{"score": 1}, {"score": "1"}], Object(members={"score": Int()}))
    >>> frame["raw.score"].to_list(), violations.to_list()
    ([1, None], [None, "score: expected an integer, got '1' (str)."])
    """
    fitted = fit(values, declaration)
    return columns(fitted.structs, declaration, prefix), fitted.texts()


def violations(values: Sequence[Any], declaration: Object) -> dict[int, Violation]:
    """Return the first violation of each record that does not fit, by its position."""
    return fit(values, declaration).violations


def fits(value: Any, kind: Kind) -> bool:
    """Return whether one value, which may be null, is of a kind."""
    return not fit([{"value": value}], Object(members={"value": kind})).violations


def checked(body: Any, declaration: Object, path: str = "") -> dict[str, Any]:
    """Check a request body as a whole.

    Args:
        body: The JSON value; anything that is no object counts as ``{}``.
        declaration: What it has to look like.
        path: Where the body stands, for the message.

    Returns:
        The body.

    Raises:
        ImportFatal: 400, at the first violation.
    """
    content: dict[str, Any] = body if isinstance(body, dict) else {}
    found = violations([content], declaration)
    if found:
        raise ImportFatal(400, str(found[0].within(path)))
    return content
