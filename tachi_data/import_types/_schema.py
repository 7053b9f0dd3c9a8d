"""JSON records as a schema, and what is wrong with many of them at once.

A schema is a tree of small frozen values: `Int`, `Num`, `Str`, `Bool`, `OneOf`, `Anything`,
`ListOf`, `Object`. `violations` checks a list of records column by column (a field of all records at
a time) and names, for each bad record, the first member that breaks it. `_columns` makes frames of them.

Integers are JSON numbers without a fraction and at most 2^53 - 1 in size (``100.0`` is one);
booleans and numeric strings never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, ClassVar

import polars as pl

from tachi_data.games._model import SAFE_INTEGER

ABSENT: Any = object()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a JSON value may be. ``optional``: the key may be absent. ``nullable``: null is allowed."""

    optional: bool = False
    nullable: bool = False

    dtype: ClassVar[pl.DataType] = pl.String()
    types: ClassVar[frozenset[type]] = frozenset()

    @property
    def expected(self) -> str:
        """The expectation in words, for error messages."""
        raise NotImplementedError

    def accepts(self, value: Any) -> bool:
        """Whether one value (not null) is of this kind."""
        raise NotImplementedError

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        """A quick yes for many values; False only means that each has to be looked at."""
        return types <= self.types and all(map(self.accepts, set(values)))


@dataclass(frozen=True)
class Number(Kind):
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    also: tuple[float, ...] = ()

    def _in_range(self, value: float) -> bool:
        if value in self.also:
            return True
        low = self.minimum is None or (
            value > self.minimum if self.above else value >= self.minimum
        )
        return low and (self.maximum is None or value <= self.maximum)

    def _words(self, noun: str) -> str:
        low = (
            f" {'greater than' if self.above else 'of at least'} {self.minimum:,}"
            if self.minimum is not None
            else ""
        )
        high = (
            f" {'and' if low else 'of'} at most {self.maximum:,}"
            if self.maximum is not None
            else ""
        )
        also = "".join(f", or {value:g}" for value in self.also)
        return f"{noun}{low}{high}{also}"

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        if not types <= self.types or (float in types and any(v != v for v in values)):
            return False
        if self.also:
            values = [v for v in values if v not in self.also]
        return not values or (self.accepts(min(values)) and self.accepts(max(values)))


@dataclass(frozen=True)
class Int(Number):
    """An integer within inclusive bounds."""

    dtype = pl.Int64()
    types = frozenset({int})

    @property
    def expected(self) -> str:
        return self._words("an integer")

    def accepts(self, value: Any) -> bool:
        whole = type(value) is int or (type(value) is float and value.is_integer())
        return whole and abs(value) <= SAFE_INTEGER and self._in_range(value)


@dataclass(frozen=True)
class Num(Number):
    """Any JSON number within bounds, inclusive (``above``: the lower one exclusive)."""

    dtype = pl.Float64()
    types = frozenset({int, float})

    @property
    def expected(self) -> str:
        return self._words("a number")

    def accepts(self, value: Any) -> bool:
        return type(value) in self.types and value == value and self._in_range(value)


@dataclass(frozen=True)
class Str(Kind):
    """A string; its length counts UTF-16 code units. ``empty`` also admits the empty string."""

    minimum: int = 0
    maximum: int | None = None
    empty: bool = False

    types = frozenset({str})

    @property
    def expected(self) -> str:
        if self.maximum is None:
            return (
                "a string"
                if not self.minimum
                else f"a string of at least {self.minimum} characters"
            )
        return f"a string of {self.minimum} to {self.maximum} characters"

    def accepts(self, value: Any) -> bool:
        if type(value) is not str:
            return False
        if (not self.minimum and self.maximum is None) or (self.empty and not value):
            return True
        length = len(value) + sum(c > "\uffff" for c in value)
        return self.minimum <= length and (self.maximum is None or length <= self.maximum)

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        if not self.minimum and self.maximum is None:
            return types <= self.types
        return super().accepts_all(values, types)


@dataclass(frozen=True)
class Hex(Kind):
    """Exactly ``size`` hexadecimal digits in lower case, such as a hash."""

    size: int = 64

    types = frozenset({str})

    @property
    def expected(self) -> str:
        return f"{self.size} hexadecimal digits in lower case"

    def accepts(self, value: Any) -> bool:
        return (
            type(value) is str and len(value) == self.size and set(value) <= set("0123456789abcdef")
        )


@dataclass(frozen=True)
class Bool(Kind):
    """``true`` or ``false``."""

    dtype = pl.Boolean()
    types = frozenset({bool})

    @property
    def expected(self) -> str:
        return "true or false"

    def accepts(self, value: Any) -> bool:
        return type(value) is bool

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        return types <= self.types


@dataclass(frozen=True)
class OneOf(Kind):
    """One of some values, compared exactly and by type."""

    values: tuple[str | int | bool | float, ...] = ()

    @property
    def dtype(self) -> pl.DataType:  # type: ignore[override]
        return pl.Int64() if all(type(v) is int for v in self.values) else pl.String()

    @property
    def types(self) -> frozenset[type]:  # type: ignore[override]
        return frozenset(map(type, self.values))

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(map(str, self.values))

    def accepts(self, value: Any) -> bool:
        same = int if type(value) is float and value.is_integer() else type(value)
        return same in self.types and value in self.values


@dataclass(frozen=True)
class Anything(Kind):
    """Any value, kept but not made a column; ``as_json`` makes one of its JSON text.

    That text is null where the member is absent, and ``null`` where it is null.
    """

    optional: bool = True
    nullable: bool = True
    as_json: bool = False

    @property
    def expected(self) -> str:
        return "anything"

    def accepts(self, value: Any) -> bool:
        return True

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        return True


@dataclass(frozen=True)
class ListOf(Kind):
    """An array whose elements are all of one kind; ``size`` fixes its length, ``most`` bounds it."""

    element: Kind = field(default_factory=Anything)
    size: int | None = None
    most: int | None = None

    types = frozenset({list})

    @property
    def dtype(self) -> pl.DataType:  # type: ignore[override]
        inner = pl.Float64() if isinstance(self.element, Number) else self.element.dtype
        return pl.List(inner)

    @property
    def expected(self) -> str:
        count = f"{self.size} " if self.size is not None else ""
        count += f"at most {self.most} " if self.most is not None else ""
        return f"an array of {count}values, each {self.element.expected}"

    def accepts(self, value: Any) -> bool:
        if type(value) is not list or (self.size is not None and len(value) != self.size):
            return False
        if self.most is not None and len(value) > self.most:
            return False
        return all(self.element.nullable if v is None else self.element.accepts(v) for v in value)

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        if not types <= self.types or self.size is not None or self.most is not None:
            return False
        flat = [v for v in chain.from_iterable(values) if not (v is None and self.element.nullable)]
        return not flat or self.element.accepts_all(flat, set(map(type, flat)))


@dataclass(frozen=True)
class Object(Kind):
    """A JSON object with named members; ``strict`` rejects unknown keys.

    ``fallback`` names a sibling that stands in where this member is absent or null. ``keep_nulls``
    adds the column ``nulls.<name>``: which members are present with null. ``as_json`` makes one
    column of JSON text of the whole object; ``flat=False`` makes none.
    """

    members: Mapping[str, Kind] = field(default_factory=dict)
    strict: bool = False
    fallback: str | None = None
    keep_nulls: bool = False
    as_json: bool = False
    flat: bool = True

    types = frozenset({dict})

    @property
    def expected(self) -> str:
        return "an object"

    def accepts(self, value: Any) -> bool:
        return type(value) is dict and not violations([value], self)

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        return types <= self.types and not violations(values, self)


@dataclass(frozen=True)
class Violation:
    """Where a record is not what it should be: ``path`` within it, and what was expected."""

    order: tuple[int, ...]
    path: str
    expected: str
    value: Any = ABSENT

    @property
    def reason(self) -> str:
        """What was expected and what was there, without the path."""
        if self.value is ABSENT:
            return f"expected {self.expected}, but it is missing."
        if isinstance(self.value, (dict, list)):
            return f"expected {self.expected}."
        shown = repr(self.value) if len(repr(self.value)) <= 60 else repr(self.value)[:57] + "…"
        return f"expected {self.expected}, got {shown} ({type(self.value).__name__})."

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.reason}"

    def within(self, path: str, order: int) -> Violation:
        """The same violation, seen from the object that holds this one under ``path``."""
        return Violation((order, *self.order), path + self.path, self.expected, self.value)


class Records(list[Any]):
    """JSON objects of which each member is looked up once, first for `violations`, then for `columns`."""

    def __init__(self, records: Iterable[Any]) -> None:
        super().__init__(records)
        self._members: dict[str, list[Any]] = {}
        self._objects: dict[str, Records] = {}

    def member(self, name: str) -> list[Any]:
        """The values of a member, `ABSENT` where it is not there."""
        if name not in self._members:
            self._members[name] = [record.get(name, ABSENT) for record in self]
        return self._members[name]

    def objects(self, name: str) -> Records:
        """Those values of a member that are objects."""
        if name not in self._objects:
            self._objects[name] = Records(v for v in self.member(name) if type(v) is dict)
        return self._objects[name]

    def forget(self, name: str) -> None:
        """Free what was remembered about a member."""
        self._members.pop(name, None)
        self._objects.pop(name, None)


def violations(records: Sequence[Mapping[str, Any]], schema: Object) -> dict[int, Violation]:
    """The first violation of each bad record, by its position. Empty where all is well."""
    known = records if isinstance(records, Records) else Records(records)
    found: dict[int, Violation] = {}

    def add(row: int, violation: Violation) -> None:
        if row not in found or violation.order < found[row].order:
            found[row] = violation

    for order, (name, kind) in enumerate(schema.members.items()):
        for row, violation in _member_violations(known, name, kind):
            add(row, violation.within(f".{name}", order))
    if schema.strict and not set(chain.from_iterable(records)) <= schema.members.keys():
        for row, record in enumerate(records):
            unknown = next((key for key in record if key not in schema.members), None)
            if unknown is not None:
                last = Violation(
                    (len(schema.members),), f".{unknown}", "no such key", record[unknown]
                )
                add(row, last)
    return found


def _member_violations(records: Records, name: str, kind: Kind) -> Iterable[tuple[int, Violation]]:
    """Violations of one member over all records."""
    values = records.member(name)
    types = set(map(type, values))
    present: Sequence[Any] = values
    if (object in types) or (type(None) in types):
        present = [v for v in values if not (v is ABSENT or v is None)]
        types = set(map(type, present))
        if not (kind.optional and kind.nullable):
            yield from _missing(values, kind)
    if not present:
        return
    if isinstance(kind, Object):
        inner = violations(records.objects(name), kind)
        if inner:
            rows = [row for row, v in enumerate(values) if type(v) is dict]
            yield from ((rows[row], violation) for row, violation in inner.items())
        if types <= kind.types:
            return
        bad = (
            (r, v)
            for r, v in enumerate(values)
            if v is not ABSENT and v is not None and type(v) is not dict
        )
        yield from ((row, Violation((), "", kind.expected, v)) for row, v in bad)
        return
    if kind.accepts_all(present, types):
        return
    for row, value in enumerate(values):
        if value is not ABSENT and value is not None and not kind.accepts(value):
            yield row, _narrowed(value, kind)


def _missing(values: list[Any], kind: Kind) -> Iterable[tuple[int, Violation]]:
    for row, value in enumerate(values):
        if (value is ABSENT and not kind.optional) or (value is None and not kind.nullable):
            yield row, Violation((), "", kind.expected, value)


def _narrowed(value: Any, kind: Kind) -> Violation:
    """Point at the element of an array that is wrong, rather than at the whole array."""
    if (
        isinstance(kind, ListOf)
        and type(value) is list
        and (kind.size is None or len(value) == kind.size)
    ):
        for index, element in enumerate(value):
            if not (kind.element.nullable if element is None else kind.element.accepts(element)):
                inner = (
                    violations([element], kind.element)
                    if isinstance(kind.element, Object) and isinstance(element, dict)
                    else {}
                )
                if inner:
                    return inner[0].within(f"[{index}]", index)
                return Violation((index,), f"[{index}]", kind.element.expected, element)
    return Violation((), "", kind.expected, value)
