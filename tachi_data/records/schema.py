"""What JSON records may look like: a tree of small frozen values.

`Int`, `Num`, `Str`, `Hex`, `Bool`, `OneOf`, `Anything`, `ListOf`, `Object`. `_violations` checks records
against them, `_columns` makes frames of records. Each kind also says itself as a type of msgspec, which
checks good records much faster than we can; it must accept nothing that the kind refuses.

Integers are JSON numbers without a fraction and at most 2^53 - 1 in size (``100.0`` is one);
booleans and numeric strings never are.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from tachi_data.reference.numbers import SAFE_INTEGER

ABSENT: Any = UNSET


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

    @property
    def annotation(self) -> Any:
        """A type of which msgspec accepts no value that this kind refuses (bar null); None if there is none."""
        return None

    def allows(self, value: Any) -> bool:
        """Whether a member, which may be absent or null, is of this kind."""
        if value is ABSENT:
            return self.optional
        return self.nullable if value is None else self.accepts(value)

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

    def _whole(self, largest: int) -> Meta:
        """The bounds of an integer, without what `also` adds."""
        low = -largest if self.minimum is None else math.ceil(self.minimum)
        high = largest if self.maximum is None else math.floor(self.maximum)
        return Meta(gt=low, le=high) if self.above else Meta(ge=low, le=high)

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

    @property
    def annotation(self) -> Any:
        return Annotated[int, self._whole(SAFE_INTEGER)]

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

    @property
    def annotation(self) -> Any:
        # Bounds also keep NaN out.
        low = -sys.float_info.max if self.minimum is None else self.minimum
        high = sys.float_info.max if self.maximum is None else self.maximum
        broken = Meta(gt=low, le=high) if self.above else Meta(ge=low, le=high)
        return Annotated[int, self._whole(2**63 - 1)] | Annotated[float, broken]

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

    @property
    def annotation(self) -> Any:
        if not self.minimum and self.maximum is None:
            return str
        # Without characters that count for two code units.
        most = "" if self.maximum is None else self.maximum
        some = rf"[^\U00010000-\U0010ffff]{{{self.minimum},{most}}}"
        return Annotated[str, Meta(pattern=rf"^(?:{some}){'?' if self.empty else ''}\Z")]

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

    @property
    def annotation(self) -> Any:
        return Annotated[str, Meta(pattern=rf"^[0-9a-f]{{{self.size}}}\Z")]

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

    @property
    def annotation(self) -> Any:
        return bool

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

    @property
    def annotation(self) -> Any:
        return Literal[self.values] if self.types <= {int, str} else None

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

    @property
    def annotation(self) -> Any:
        return Any

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

    @property
    def annotation(self) -> Any:
        element = self.element.annotation
        if element is None:
            return None
        elements = list[element | None if self.element.nullable else element]  # type: ignore[misc,valid-type]
        most = self.most if self.size is None else self.size
        return Annotated[elements, Meta(min_length=self.size or 0, max_length=most)]

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

    @property
    def annotation(self) -> Any:
        return self.struct

    @cached_property
    def struct(self) -> type[Struct] | None:
        """The type of its annotation: a field per member, in order; None if there is none.

        What is absent is null there, or, with ``keep_nulls``, unset.
        """
        types = {name: kind.annotation for name, kind in self.members.items()}
        # What stands in for a member is read in its place, so it has to be of its type.
        types |= {
            kind.fallback: kind.annotation
            for kind in self.members.values()
            if isinstance(kind, Object) and kind.fallback is not None
        }
        if None in types.values():
            return None
        names, fields = self.fields, list[Any]()
        for name, kind in self.members.items():
            known = types[name] | None if kind.nullable else types[name]
            if not kind.optional:
                fields.append((names[name], known))
            elif self.keep_nulls:
                fields.append((names[name], known | UnsetType, UNSET))
            else:
                fields.append((names[name], known, None))
        return defstruct(
            "Record",
            fields,
            rename={field: name for name, field in names.items()},
            forbid_unknown_fields=self.strict,
            kw_only=True,
            gc=False,
        )

    @property
    def fields(self) -> dict[str, str]:
        """What the struct calls each member, whose own name may be no identifier."""
        return {name: f"member{place}" for place, name in enumerate(self.members)}

    def accepts(self, value: Any) -> bool:
        return (
            type(value) is dict
            and (not self.strict or value.keys() <= self.members.keys())
            and all(kind.allows(value.get(name, ABSENT)) for name, kind in self.members.items())
        )

    def accepts_all(self, values: Sequence[Any], types: set[type]) -> bool:
        return types <= self.types and all(map(self.accepts, values))
