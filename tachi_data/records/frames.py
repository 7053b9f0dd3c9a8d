"""Structs of records become Polars columns, and columns become records again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from types import NoneType, SimpleNamespace
from typing import Any

import polars as pl
from msgspec import Struct, UnsetType
from msgspec.structs import replace

from tachi_data.records.schema import ABSENT, Kind, ListOf, Object, OneOf, Str
from tachi_data.reference.canonical import json_text


def columns(
    structs: Sequence[Struct | None], declaration: Object, prefix: str = "raw"
) -> pl.DataFrame:
    """Make one column per leaf of the declaration, named by its path: ``raw.title``, ``raw.score.lamp``.

    Args:
        structs: Records as `Object.struct` of the declaration; None for one that is not there.
        declaration: The declaration.
        prefix: What the names of the columns start with.

    Returns:
        As many rows; what is absent is null. ``nulls.<member>``: see `Object`.
    """
    series = dict(_columns(_members(structs, declaration), declaration, prefix))
    return pl.DataFrame(series) if series else pl.DataFrame({f"{prefix}.": [None] * len(structs)})


def _columns(
    stated: Mapping[str, Sequence[Any]], declaration: Object, prefix: str
) -> Iterator[tuple[str, pl.Series]]:
    for name, kind in declaration.members.items():
        path, values = f"{prefix}.{name}", stated[name]
        if isinstance(kind, Object) and kind.fallback is not None:
            pairs = zip(values, stated[kind.fallback], strict=True)
            values = [v if o is None else _united(v, o, kind) for v, o in pairs]
        if isinstance(kind, Object) and not kind.as_json:
            if not kind.flat:
                continue
            inner = _members(values, kind)
            if kind.keep_nulls:
                inner, nulls = _without_absent(inner, len(values))
                yield f"nulls.{name}", nulls
            yield from _columns(inner, kind, path)
        elif kind.dtype is not None:
            yield path, _typed(values, kind)


def _united(struct: Struct | None, other: Struct, declaration: Object) -> Struct:
    """Return the struct with the members of the other that it does not have itself."""
    if struct is None:
        return other
    absent = ABSENT if declaration.keep_nulls else None
    lacking = [f for f in declaration.fields.values() if getattr(struct, f) is absent]
    return replace(struct, **{field: getattr(other, field) for field in lacking})


def _members(structs: Sequence[Any], declaration: Object) -> dict[str, Sequence[Any]]:
    """Return the values of each member. A record that is not there has none."""
    absent = ABSENT if declaration.keep_nulls else None
    nothing = SimpleNamespace(**dict.fromkeys(declaration.fields.values(), absent))
    there = [struct or nothing for struct in structs]
    return {name: [*map(attrgetter(field), there)] for name, field in declaration.fields.items()}


def _without_absent(
    members: Mapping[str, Sequence[Any]], count: int
) -> tuple[dict[str, Sequence[Any]], pl.Series]:
    """Return the values with null for `ABSENT`, and the names of the null members of each object."""
    known: dict[str, Sequence[Any]] = {}
    names: list[pl.Expr] = []
    for name, values in members.items():
        types = {*map(type, values)}
        if NoneType in types:
            names.append(pl.when(pl.Series([v is None for v in values])).then(pl.lit(name)))
        if types == {UnsetType}:
            values = [None] * count
        elif UnsetType in types:
            values = [None if v is ABSENT else v for v in values]
        known[name] = values
    if not names:
        return known, pl.repeat(None, count, dtype=pl.List(pl.String), eager=True)
    # Polars makes lists of one text much faster than of many Python lists.
    joined = pl.concat_str(names, separator="\0", ignore_nulls=True)
    return known, pl.select(pl.when(joined != "").then(joined).str.split("\0")).to_series()


def _typed(values: Sequence[Any], kind: Kind) -> pl.Series:
    if isinstance(kind, OneOf) and kind.is_mixed:  # Numbers and texts become a column of texts.
        values = [v if v is None else str(v) for v in values]
    if isinstance(kind, ListOf) and isinstance(kind.element, Str):
        # Polars makes lists of one JSON text much faster than of many Python lists.
        texts = [v if v is None else json_text([e and paired(e) for e in v]) for v in values]
        return pl.Series(texts, dtype=pl.String).str.json_decode(kind.dtype)
    try:
        return pl.Series(values, dtype=kind.dtype, strict=kind.dtype == pl.String())
    except UnicodeEncodeError:
        return pl.Series([v if v is None else paired(v) for v in values], dtype=pl.String)


def paired(text: str) -> str:
    """Return the text with U+FFFD for each half of a surrogate pair. JSON may hold one; UTF-8 may not.

    >>> paired("a" + chr(0xD800)) == "a" + chr(0xFFFD)
    True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def records(rows: pl.DataFrame, declaration: Object, prefix: str = "raw") -> list[dict[str, Any]]:
    """Return the JSON records that columns stand for: the inverse of `columns`."""

    def struct(members: Mapping[str, Kind], path: str) -> pl.Expr:
        parts = [
            struct(kind.members, f"{path}.{name}").alias(name)
            if isinstance(kind, Object)
            else pl.col(f"{path}.{name}").alias(name)
            for name, kind in members.items()
        ]
        return pl.struct(parts)

    return rows.select(struct(declaration.members, prefix).alias("record"))["record"].to_list()
