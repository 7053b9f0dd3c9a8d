"""Structs of records become Polars columns, and columns become records again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from types import NoneType, SimpleNamespace
from typing import Any

import polars as pl
from msgspec import Struct, UnsetType

from tachi_data.records.schema import ABSENT, Kind, Object, OneOf


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
            others = stated[kind.fallback]
            values = [o if v is None else v for v, o in zip(values, others, strict=True)]
        if isinstance(kind, Object) and not kind.as_json:
            if not kind.flat:
                continue
            inner = _members(values, kind)
            if kind.keep_nulls:
                yield f"nulls.{name}", _nulls(inner, len(values))
            yield from _columns(inner, kind, path)
        elif kind.dtype is not None:
            yield path, _typed(values, kind)


def _members(structs: Sequence[Any], declaration: Object) -> dict[str, Sequence[Any]]:
    """The values of each member of records, which may themselves not be there."""
    absent = ABSENT if declaration.keep_nulls else None
    nothing = SimpleNamespace(**dict.fromkeys(declaration.fields.values(), absent))
    there = [nothing if s is None or s is ABSENT else s for s in structs]
    return {name: [*map(attrgetter(field), there)] for name, field in declaration.fields.items()}


def _nulls(members: Mapping[str, Sequence[Any]], count: int) -> pl.Series:
    """Which members each of that many objects has with the value null; null where there are none."""
    nulls = {
        name: [v is None for v in values]
        for name, values in members.items()
        if NoneType in {*map(type, values)}
    }
    if not nulls:
        return pl.Series([None] * count, dtype=pl.List(pl.String))
    # Polars makes lists of one text much faster than of many Python lists.
    names = [pl.when(pl.Series(is_null)).then(pl.lit(name)) for name, is_null in nulls.items()]
    joined = pl.concat_str(names, separator="\0", ignore_nulls=True)
    return pl.select(pl.when(joined != "").then(joined).str.split("\0")).to_series()


def _typed(values: Sequence[Any], kind: Kind) -> pl.Series:
    types = {*map(type, values)}
    if types <= {NoneType, UnsetType}:
        return pl.repeat(None, len(values), dtype=kind.dtype, eager=True)
    if UnsetType in types:
        values = [None if v is ABSENT else v for v in values]
    if isinstance(kind, OneOf) and kind.is_mixed:  # Numbers and texts become a column of texts.
        values = [v if v is None else str(v) for v in values]
    try:
        return pl.Series(values, dtype=kind.dtype, strict=kind.dtype == pl.String())
    except UnicodeEncodeError:
        return pl.Series([v if v is None else paired(v) for v in values], dtype=pl.String)


def paired(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair: JSON may hold one, UTF-8 may not.

    >>> paired("a" + chr(0xD800)) == "a" + chr(0xFFFD)
    True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def records(rows: pl.DataFrame, declaration: Object, prefix: str = "raw") -> list[dict[str, Any]]:
    """The JSON records that columns stand for: what `columns` took apart is put together again."""

    def struct(members: Mapping[str, Kind], path: str) -> pl.Expr:
        parts = [
            struct(kind.members, f"{path}.{name}").alias(name)
            if isinstance(kind, Object)
            else pl.col(f"{path}.{name}").alias(name)
            for name, kind in members.items()
        ]
        return pl.struct(parts)

    return rows.select(struct(declaration.members, prefix).alias("record"))["record"].to_list()
