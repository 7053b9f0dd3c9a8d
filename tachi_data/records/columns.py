"""JSON records as Polars columns, by their schema, and back.

`columns` gives one column per leaf, ``raw.<path>``; `records` is the way back, for formats that have no
JSON of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import orjson
import polars as pl
from msgspec import Struct

from tachi_data.records.schema import (
    ABSENT,
    Anything,
    Kind,
    ListOf,
    Number,
    Object,
    OneOf,
)
from tachi_data.records.violations import Records, violations


def violation_column(records: Sequence[Any], schema: Object) -> pl.Series:
    """What is wrong with each record, as text; null where nothing is. A record may be no object at all."""
    found: dict[int, Any] = {
        row: f"expected {schema.expected}." for row, r in enumerate(records) if type(r) is not dict
    }
    objects = [r if type(r) is dict else {} for r in records]
    texts = {**{row: str(v) for row, v in violations(objects, schema).items()}, **found}
    return pl.Series("violation", [texts.get(i) for i in range(len(records))], dtype=pl.String)


def columns(
    records: Sequence[Mapping[str, Any] | None], schema: Object, prefix: str = "raw"
) -> pl.DataFrame:
    """One column per leaf of the schema, named by its path: ``raw.title``, ``raw.score.lamp``.

    Absent, null and (for records that were not checked) unreadable values are null.
    """
    series: dict[str, pl.Series] = {}
    fitted = records.fitted(schema) if isinstance(records, Records) else None
    if fitted is None:
        _add_columns(series, records, schema, prefix)
    else:
        _add_fitted(series, _members(fitted, schema), records, schema, prefix)
    return pl.DataFrame(series) if series else pl.DataFrame({f"{prefix}.": [None] * len(records)})


def _members(fitted: Sequence[Struct | None], schema: Object) -> dict[str, Sequence[Any]]:
    """The values of each member of records that are known to fit, or are not there."""
    absent = ABSENT if schema.keep_nulls else None
    nothing = SimpleNamespace(**dict.fromkeys(schema.fields.values(), absent))
    there = [record or nothing for record in fitted]
    return {name: [*map(attrgetter(field), there)] for name, field in schema.fields.items()}


def _add_fitted(
    series: dict[str, pl.Series],
    stated: Mapping[str, Sequence[Any]],
    records: Sequence[Any],
    schema: Object,
    prefix: str,
) -> None:
    """Columns of records that are known to fit: ``stated`` are the `_members` of those ``records``."""
    for name, kind in schema.members.items():
        path, values = f"{prefix}.{name}", stated[name]
        if isinstance(kind, Object):
            if kind.fallback is not None:
                others = stated[kind.fallback]
                values = [o if v is None else v for v, o in zip(values, others, strict=True)]
            if kind.as_json:
                found = _objects(records, name, kind.fallback) if any(values) else values
                series[path] = _json_texts(found)
            elif kind.flat:
                inner = _members(values, kind)
                if kind.keep_nulls:
                    series[f"nulls.{name}"] = _stated_nulls(inner, len(values))
                texts = _objects(records, name, kind.fallback) if _keeps_json(kind) else []
                _add_fitted(series, inner, texts, kind, path)
        elif not isinstance(kind, Anything):
            series[path] = _typed(_or_none(values) if schema.keep_nulls else values, kind)
        elif kind.as_json:
            some = (ABSENT if r is None else r.get(name, ABSENT) for r in records)
            texts = [None if v is ABSENT else _json_text(v) for v in some]
            series[path] = pl.Series(texts, dtype=pl.String)


def _keeps_json(schema: Object) -> bool:
    """Whether there is a column of JSON text within."""
    return any(
        getattr(kind, "as_json", False) or (isinstance(kind, Object) and _keeps_json(kind))
        for kind in schema.members.values()
    )


def _objects(records: Sequence[Any], name: str, fallback: str | None) -> list[Any]:
    """The objects that a member, or else ``fallback``, has in each record."""
    found = [None if r is None else r.get(name) for r in records]
    if fallback is None:
        return found
    return [
        r.get(fallback) if o is None and r is not None else o
        for r, o in zip(records, found, strict=True)
    ]


def _stated_nulls(members: Mapping[str, Sequence[Any]], count: int) -> pl.Series:
    """Like `_present_nulls`, of that many objects."""
    nulls = {
        name: [v is None for v in values] for name, values in members.items() if None in values
    }
    if not nulls:
        return pl.Series([None] * count, dtype=pl.List(pl.String))
    names = [pl.when(pl.Series(is_null)).then(pl.lit(name)) for name, is_null in nulls.items()]
    joined = pl.concat_str(names, separator="\0", ignore_nulls=True)
    return pl.select(pl.when(joined != "").then(joined).str.split("\0")).to_series()


def _add_columns(
    series: dict[str, pl.Series],
    records: Sequence[Mapping[str, Any] | None],
    schema: Object,
    prefix: str,
) -> None:
    known = (
        records
        if isinstance(records, Records)
        else Records(record if type(record) is dict else {} for record in records)
    )
    for name, kind in schema.members.items():
        path = f"{prefix}.{name}"
        if isinstance(kind, Object):
            inner = _inner(known, name, kind.fallback)
            if kind.keep_nulls:
                series[f"nulls.{name}"] = _present_nulls(inner)
            if kind.as_json:
                series[path] = _json_texts(inner)
            elif kind.flat:
                _add_columns(series, inner, kind, path)
        elif isinstance(kind, Anything) and kind.as_json:
            stated = known.member(name)
            series[path] = pl.Series(
                [None if v is ABSENT else _json_text(v) for v in stated], dtype=pl.String
            )
        elif not isinstance(kind, Anything):
            series[path] = _series(_stated(known, name), kind)
        known.forget(name)


def _stated(records: Records, name: str) -> Sequence[Any]:
    """The values of a member, None where it is not there."""
    return _or_none(records.member(name))


def _or_none(values: Sequence[Any]) -> Sequence[Any]:
    """The values, with None for what is absent."""
    return [None if v is ABSENT else v for v in values] if ABSENT in values else values


def _inner(records: Records, name: str, fallback: str | None) -> Sequence[Any]:
    """The objects that a member has, or else ``fallback``."""
    objects = records.objects(name)
    if len(objects) == len(records):
        return objects
    values = _stated(records, name)
    if fallback is None:
        return values
    others = _stated(records, fallback)
    return [v if v is not None else o for v, o in zip(values, others, strict=True)]


def _present_nulls(objects: Sequence[Mapping[str, Any] | None]) -> pl.Series:
    """Which members each object has with the value null; null where there are none."""
    if not any(o and None in o.values() for o in objects):
        return pl.Series([None] * len(objects), dtype=pl.List(pl.String))
    # Polars makes lists of one text much faster than of many Python lists.
    names = [
        "\0".join([k for k, v in o.items() if v is None]) or None if o else None for o in objects
    ]
    return pl.Series(names, dtype=pl.String).str.split("\0")


def _json_texts(objects: Sequence[Any]) -> pl.Series:
    return pl.Series([None if o is None else _json_text(o) for o in objects], dtype=pl.String)


def _json_text(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):  # unpaired surrogates, numbers beyond 64 bits
        return json.dumps(value)


def _series(values: Sequence[Any], kind: Kind) -> pl.Series:
    wrong = set(map(type, values)) - kind.types - {type(None)}
    if wrong or (isinstance(kind, ListOf) and isinstance(kind.element, Number)):
        values = (
            [v if v is not None and kind.accepts(v) else None for v in values] if wrong else values
        )
    if kind.dtype == pl.Int64 and float in wrong:
        values = [None if v is None else int(v) for v in values]
    return _typed(values, kind)


def _typed(values: Sequence[Any], kind: Kind) -> pl.Series:
    if isinstance(kind, OneOf) and len(kind.types) > 1:  # Numbers and texts: a column of texts.
        values = [v if v is None else str(v) for v in values]
    try:
        return pl.Series(values, dtype=kind.dtype, strict=kind.dtype == pl.String())
    except UnicodeEncodeError:  # An unpaired surrogate is not UTF-8; no catalogue text holds one.
        return pl.Series(
            [v if v is None else v.encode("utf-8", "replace").decode() for v in values]
        )


def records(rows: pl.DataFrame, schema: Object, prefix: str = "raw") -> list[dict[str, Any]]:
    """The JSON records that these columns stand for: what `columns` took apart, put together again."""

    def struct(members: Mapping[str, Kind], path: str) -> pl.Expr:
        parts = [
            struct(kind.members, f"{path}.{name}").alias(name)
            if isinstance(kind, Object)
            else pl.col(f"{path}.{name}").alias(name)
            for name, kind in members.items()
        ]
        return pl.struct(parts)

    return rows.select(struct(schema.members, prefix).alias("record"))["record"].to_list()
